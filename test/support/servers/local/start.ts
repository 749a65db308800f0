import { join } from 'node:path';
import type { RunningServer, RunningServers, ServerName } from '../description.js';
import { waitUntilReady } from '../ready.js';
import { isRunning, launch, logTail, stop } from '../recipe.js';
import type { OnStop } from '../start.js';
import { installPackages, mayInstall } from './apt.js';
import type { LocalServer } from './instance.js';
import { makeFolder, serverUser } from './machine.js';
import { mariadb } from './mariadb.js';
import { postgres } from './postgres.js';
import { rabbitmq } from './rabbitmq.js';
import { redis } from './redis.js';

const START_DEADLINE_MS = 90_000;

const SERVERS: Partial<Record<ServerName, LocalServer>> = { postgres, mariadb, rabbitmq, redis };

export interface LocalStart {
  /** A private folder of this run; everything goes in here. */
  folder: string;
  signal: AbortSignal;
  onStop: OnStop;
}

/** Starts private instances of those servers; MySQL beside MariaDB is left to Docker. */
export async function startLocally(names: readonly ServerName[], start: LocalStart): Promise<RunningServers> {
  const servers = names.flatMap((name) => (SERVERS[name] ? [[name, SERVERS[name]] as const] : []));
  await installMissing(
    servers.map(([, server]) => server),
    start.signal,
  );
  const entries = await allOrNothing(
    servers.map(async ([name, server]) => [name, await startOne(name, server, start)] as const),
  );
  return Object.fromEntries(entries);
}

async function installMissing(servers: readonly LocalServer[], signal: AbortSignal): Promise<void> {
  const missing = servers.filter((server) => !server.isInstalled());
  const packages = missing.map((server) => server.debianPackage);
  if (packages.length === 0) return;
  if (!mayInstall()) throw new Error(whatToDo(packages));
  await installPackages(packages, signal);
  const still = missing.filter((server) => !server.isInstalled()).map((server) => server.debianPackage);
  if (still.length > 0) throw new Error(`Still not found after installing them: ${still.join(', ')}`);
}

function whatToDo(packages: readonly string[]): string {
  return [
    `The tests need servers that are not here: ${packages.join(', ')}. Do one of these:`,
    '  - start Docker (with Docker Compose); the tests then bring their own containers',
    `  - install them: apt-get install --no-install-recommends ${packages.join(' ')}`,
    '  - give the URLs of servers: PE_TEST_PG_URL, PE_TEST_MYSQL_URL, PE_TEST_AMQP_URL',
    'Tests without servers: npm run test:unit',
  ].join('\n');
}

async function startOne(name: ServerName, server: LocalServer, start: LocalStart): Promise<RunningServer> {
  const user = serverUser();
  const folder = makeFolder(join(start.folder, name), user);
  const { url, recipe, companion } = await server.prepare({ folder, user, signal: start.signal });
  start.signal.throwIfAborted();
  start.onStop(async () => {
    await stop(recipe);
    if (companion) await stop(companion);
  });
  if (companion) launch(companion);
  launch(recipe);
  const waiting = { deadlineMs: START_DEADLINE_MS, signal: start.signal, isRunning: () => isRunning(recipe) };
  await waitUntilReady(url, waiting).catch((error: unknown) => {
    start.signal.throwIfAborted();
    throw new Error(`${name} did not start: ${(error as Error).message}\n${logTail(recipe)}`, {
      cause: error,
    });
  });
  return { url, origin: { from: 'local', recipe } };
}

/** Waits for all, also after a failure: what is half started must be known before it can be stopped. */
async function allOrNothing<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
