import { type RunningServer, type ServerName, URL_VARIABLES, fromEnvironment } from './description.js';
import { compose } from './docker.js';
import { runProgram } from './local/run-program.js';
import { findProgram } from './local/machine.js';
import { waitUntilReady } from './ready.js';
import { isRunning, launch, logTail, stop } from './recipe.js';
import { brokerDataFolder } from './local/rabbitmq.js';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const RESTART_DEADLINE_MS = 60_000;

export type DatabaseServer = Exclude<ServerName, 'rabbitmq'>;

/** Stops the broker in an orderly way; clients see their connections closed. */
export async function stopBroker(): Promise<void> {
  await stopServer('rabbitmq');
}

/** Resolves when the broker serves clients again; its durable queues are back. */
export async function startBroker(): Promise<void> {
  await startServer('rabbitmq');
}

export async function restartBroker(): Promise<void> {
  await stopBroker();
  await startBroker();
}

/** The broker dies without a word and comes back. */
export async function crashBroker(): Promise<void> {
  await killServer('rabbitmq', 'SIGKILL');
  await startBroker();
}

/** Takes away all that the stopped broker knew: queues, messages and users. */
export async function wipeBroker(): Promise<void> {
  const { origin } = controllable('rabbitmq');
  if (origin.from === 'docker')
    await compose(origin.compose, ['rm', '--force', '--stop', '--volumes', origin.service]);
  else await rm(brokerDataFolder(origin.recipe.folder), { recursive: true });
}

/** The database dies without saving anything more, recovers from its log and serves again. */
export async function crashDatabase(name: DatabaseServer): Promise<void> {
  // SIGQUIT is what `pg_ctl --mode=immediate` sends; plain SIGKILL would leave PostgreSQL's shared memory behind.
  await killServer(name, name === 'postgres' ? 'SIGQUIT' : 'SIGKILL');
  await startServer(name);
}

export async function stopDatabase(name: DatabaseServer): Promise<void> {
  await stopServer(name);
}

export async function startDatabase(name: DatabaseServer): Promise<void> {
  await startServer(name);
}

/** Runs the broker's own tool and gives what it prints, for instance `close_all_connections test`. */
export async function rabbitmqctl(...args: string[]): Promise<string> {
  const { origin } = controllable('rabbitmq');
  if (origin.from === 'docker')
    return compose(origin.compose, ['exec', '-T', origin.service, 'rabbitmqctl', ...args]);
  const { command, environment, folder, user } = origin.recipe;
  const tool = join(dirname(command), 'rabbitmqctl');
  return runProgram(findProgram(tool, ['']) ?? 'rabbitmqctl', args, { cwd: folder, env: environment, user });
}

async function stopServer(name: ServerName): Promise<void> {
  const { origin } = controllable(name);
  if (origin.from === 'local') await stop(origin.recipe);
  else await compose(origin.compose, ['stop', origin.service]);
}

async function killServer(name: ServerName, signal: NodeJS.Signals): Promise<void> {
  const { origin } = controllable(name);
  if (origin.from === 'local') await stop(origin.recipe, signal);
  else await compose(origin.compose, ['kill', '--signal', signal, origin.service]);
}

async function startServer(name: ServerName): Promise<void> {
  const { origin, url } = controllable(name);
  if (origin.from === 'docker') {
    await compose(origin.compose, ['up', '--detach', '--wait', origin.service]);
    return;
  }
  const { recipe } = origin;
  if (!isRunning(recipe)) launch(recipe);
  const waiting = { deadlineMs: RESTART_DEADLINE_MS, isRunning: () => isRunning(recipe) };
  await waitUntilReady(url, waiting).catch((error: unknown) => {
    throw new Error(`${name} did not come back: ${String(error)}\n${logTail(recipe)}`, { cause: error });
  });
}

type Controllable = RunningServer & { origin: Exclude<RunningServer['origin'], { from: 'environment' }> };

function controllable(name: ServerName): Controllable {
  const server = fromEnvironment()[name];
  if (!server) throw new Error(`There is no ${name} in this run`);
  if (server.origin.from === 'environment')
    throw new Error(
      `This test restarts ${name}, which it must have for itself: leave ${URL_VARIABLES[name]} out`,
    );
  return server as Controllable;
}
