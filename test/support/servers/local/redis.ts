import { dirname, join } from 'node:path';
import type { LocalServer, PrepareContext, PreparedServer } from './instance.js';
import { cleanEnvironment, findProgram, freePorts } from './machine.js';

/** A private Redis that keeps what it is given: append-only file, synced each second, no snapshots. */
export const redis: LocalServer = {
  debianPackage: 'redis-server',
  isInstalled: () => findProgram('redis-server') !== undefined,
  prepare,
};

async function prepare({ folder, user }: PrepareContext): Promise<PreparedServer> {
  const [port = 0] = await freePorts(1);
  const settings = { bind: '127.0.0.1', port: String(port), dir: folder, ...DURABILITY };
  return {
    url: `redis://127.0.0.1:${port}`,
    recipe: {
      command: findProgram('redis-server') ?? '',
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      environment: cleanEnvironment(folder),
      folder,
      ...(user && { user }),
      logFile: join(folder, 'server.log'),
      pidFile: join(dirname(folder), 'redis.pid'),
      stopSignal: 'SIGTERM',
    },
  };
}

/** A client may ask for more with `CONFIG SET appendfsync always`. */
const DURABILITY = { appendonly: 'yes', appendfsync: 'everysec', save: '' };
