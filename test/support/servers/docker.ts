import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import type { ComposeProject, RunningServers, ServerName } from './description.js';
import { freePorts } from './local/machine.js';
import { runProgram } from './local/run-program.js';
import type { OnStop } from './start.js';

const COMPOSE_FILE = resolve(fileURLToPath(import.meta.url), '../../../../../docker-compose.yml');

const PORT_VARIABLES: Record<ServerName, string> = {
  postgres: 'PE_POSTGRES_PORT',
  mariadb: 'PE_MARIADB_PORT',
  mysql: 'PE_MYSQL_PORT',
  rabbitmq: 'PE_RABBITMQ_PORT',
  redis: 'PE_REDIS_PORT',
};
const MANAGEMENT_PORT_VARIABLE = 'PE_RABBITMQ_MANAGEMENT_PORT';

const NAME = 'program_executor';

const URLS: Record<ServerName, (port: string) => string> = {
  postgres: (port) => `postgres://${NAME}:${NAME}@127.0.0.1:${port}/${NAME}`,
  mariadb: (port) => `mysql://root:${NAME}@127.0.0.1:${port}/${NAME}`,
  mysql: (port) => `mysql://root:${NAME}@127.0.0.1:${port}/${NAME}`,
  rabbitmq: (port) => `amqp://${NAME}:${NAME}@127.0.0.1:${port}`,
  redis: (port) => `redis://127.0.0.1:${port}`,
};

/** Whether a Docker engine with Compose answers. */
export async function dockerAnswers(signal: AbortSignal): Promise<boolean> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
  try {
    await runProgram('docker', ['version', '--format', '{{.Server.Version}}'], { signal: soon });
    await runProgram('docker', ['compose', 'version'], { signal: soon });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Starts those services in a Compose project of this run alone, on free ports. */
export async function startInDocker(
  names: readonly ServerName[],
  { signal, onStop }: { signal: AbortSignal; onStop: OnStop },
): Promise<RunningServers> {
  const project = await newProject();
  console.error(`Starting ${names.join(', ')} with Docker Compose …`);
  onStop(async () => {
    await compose(project, ['down', '--volumes', '--timeout', '5']);
  });
  await compose(project, ['up', '--detach', '--wait', '--quiet-pull', ...names], signal);
  return Object.fromEntries(
    names.map((name) => {
      const url = URLS[name](project.environment[PORT_VARIABLES[name]] ?? '');
      return [name, { url, origin: { from: 'docker', compose: project, service: name } }];
    }),
  );
}

/** One Compose command on a project. */
export async function compose(
  project: ComposeProject,
  args: string[],
  signal?: AbortSignal,
): Promise<string> {
  const global = ['compose', '--file', project.file, '--project-name', project.project];
  const env = { ...(process.env as Record<string, string>), ...project.environment };
  return runProgram('docker', [...global, ...args], { env, signal });
}

async function newProject(): Promise<ComposeProject> {
  const variables = [...Object.values(PORT_VARIABLES), MANAGEMENT_PORT_VARIABLE];
  const ports = await freePorts(variables.length);
  return {
    file: COMPOSE_FILE,
    project: `program-executor-test-${process.pid}`,
    environment: {
      ...Object.fromEntries(variables.map((variable, index) => [variable, String(ports[index])])),
      // `down` leaves alone what belongs to a profile that is not named.
      COMPOSE_PROFILES: 'bench',
    },
  };
}
