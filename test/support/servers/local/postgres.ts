import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LocalServer, PrepareContext, PreparedServer } from './instance.js';
import { cleanEnvironment, findProgram, freePorts, versionedFolders } from './machine.js';
import { runProgram } from './run-program.js';

const NAME = 'program_executor';

/** A private PostgreSQL: TCP on loopback only, durable as in production. */
export const postgres: LocalServer = {
  debianPackage: 'postgresql',
  isInstalled: () => binFolder() !== undefined,
  prepare,
};

function binFolder(): string | undefined {
  const initdb =
    findProgram('initdb') ??
    findProgram('initdb', [...versionedFolders('/usr/lib/postgresql', 'bin'), '/usr/pgsql-17/bin']);
  return initdb && dirname(initdb);
}

async function prepare({ folder, user, signal }: PrepareContext): Promise<PreparedServer> {
  const bin = binFolder() ?? '';
  const data = join(folder, 'data');
  const environment = cleanEnvironment(folder);
  const [port = 0] = await freePorts(1);
  await initialise(bin, data, { cwd: folder, env: environment, user, signal });
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=300',
  ];
  return {
    url: `postgres://${NAME}:${NAME}@127.0.0.1:${port}/postgres`,
    recipe: {
      command: join(bin, 'postgres'),
      args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      environment,
      folder,
      ...(user && { user }),
      logFile: join(folder, 'server.log'),
      pidFile: join(dirname(folder), 'postgres.pid'),
      stopSignal: 'SIGINT',
    },
  };
}

async function initialise(
  bin: string,
  data: string,
  options: { cwd: string; env: Record<string, string>; user: PrepareContext['user']; signal: AbortSignal },
): Promise<void> {
  const passwordFile = join(options.cwd, 'password');
  await writeFile(passwordFile, NAME, { mode: 0o644 });
  const encoding = ['--encoding=UTF8', '--locale=C'];
  const access = [`--username=${NAME}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  // --no-sync hurries only the making of the empty folder; the server itself syncs as ever.
  await runProgram(join(bin, 'initdb'), ['--no-sync', '-D', data, ...encoding, ...access], options);
}
