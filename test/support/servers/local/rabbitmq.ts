import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Recipe } from '../recipe.js';
import type { LocalServer, PrepareContext, PreparedServer } from './instance.js';
import { cleanEnvironment, findProgram, freePorts, versionedFolders } from './machine.js';

/** A private RabbitMQ node with its own name, ports and port mapper. */
export const rabbitmq: LocalServer = {
  debianPackage: 'rabbitmq-server',
  isInstalled: () => serverScript() !== undefined && findProgram('epmd') !== undefined,
  prepare,
};

/** The plain script: the one that Debian puts on the PATH insists on being root or rabbitmq. */
function serverScript(): string | undefined {
  const folders = ['/usr/lib/rabbitmq/bin', ...versionedFolders('/usr/lib/rabbitmq/lib', 'sbin')];
  return findProgram('rabbitmq-server', folders) ?? findProgram('rabbitmq-server');
}

async function prepare({ folder, user }: PrepareContext): Promise<PreparedServer> {
  const [port = 0, distributionPort = 0, mapperPort = 0] = await freePorts(3);
  const environment = brokerEnvironment(folder, { port, distributionPort, mapperPort });
  await writeFile(join(folder, 'enabled_plugins'), '[].\n');
  await writeFile(join(folder, 'rabbitmq.conf'), 'disk_free_limit.absolute = 50MB\n');
  await writeFile(join(folder, 'rabbitmq-env.conf'), '');
  const common = { environment, folder, ...(user && { user }), stopSignal: 'SIGTERM' as const };
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    recipe: recipe(common, 'rabbitmq', serverScript() ?? '', []),
    companion: recipe(common, 'epmd', findProgram('epmd') ?? '', ['-port', String(mapperPort)]),
  };
}

/** Where the node of this folder keeps all that it knows. */
export function brokerDataFolder(folder: string): string {
  return join(folder, 'data');
}

type Common = Pick<Recipe, 'environment' | 'folder' | 'stopSignal'>;

function recipe(common: Common, name: string, command: string, args: string[]): Recipe {
  const logFile = join(common.folder, `${name}.log`);
  return { ...common, command, args, logFile, pidFile: join(dirname(common.folder), `${name}.pid`) };
}

function brokerEnvironment(
  folder: string,
  ports: { port: number; distributionPort: number; mapperPort: number },
): Record<string, string> {
  return {
    ...cleanEnvironment(folder),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports.mapperPort),
    RABBITMQ_NODENAME: `program-executor-${ports.port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.port),
    RABBITMQ_DIST_PORT: String(ports.distributionPort),
    RABBITMQ_MNESIA_BASE: brokerDataFolder(folder),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
  };
}
