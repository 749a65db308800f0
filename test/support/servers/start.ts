import { chmodSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServers, type ServerName, URL_VARIABLES } from './description.js';
import { dockerAnswers, startInDocker } from './docker.js';
import { startLocally } from './local/start.js';
import { waitUntilReady } from './ready.js';
import { startReaper } from './reaper.js';

/** Registers what must happen at the end; the latest goes first. */
export type OnStop = (stop: () => Promise<void>) => void;

/** Which servers a run needs. */
export interface Wanted {
  required: readonly ServerName[];
  /** Welcome beside the required ones where Docker brings them anyway. */
  withDocker: readonly ServerName[];
}

export const TEST_SERVERS: Wanted = {
  required: ['postgres', 'mariadb', 'rabbitmq'],
  withDocker: ['mysql'],
};

/** Where servers come from: URLs in the environment, a Docker engine, private local instances, in this order. */
export async function startServers(
  wanted: Wanted,
  signal: AbortSignal,
  onStop: OnStop,
): Promise<RunningServers> {
  const given = await givenServers(signal);
  const missing = wanted.required.filter((name) => !given[name]);
  if (missing.length === 0) return given;
  const folder = temporaryFolder(onStop);
  const started =
    (await tryDocker(missing, wanted.withDocker, { signal, onStop })) ??
    (await startLocally(missing, { folder, signal, onStop }));
  return { ...given, ...started };
}

async function givenServers(signal: AbortSignal): Promise<RunningServers> {
  const servers: RunningServers = {};
  for (const [name, variable] of Object.entries(URL_VARIABLES)) {
    const url = process.env[variable];
    if (!url) continue;
    await waitUntilReady(url, { deadlineMs: 10_000, signal }).catch((error: unknown) => {
      throw new Error(`${variable}: the server does not answer: ${String(error)}`, { cause: error });
    });
    servers[name as ServerName] = { url, origin: { from: 'environment' } };
  }
  return servers;
}

/** Undefined where there is no Docker, or it cannot bring the servers: then others may. */
async function tryDocker(
  missing: readonly ServerName[],
  withDocker: readonly ServerName[],
  start: { signal: AbortSignal; onStop: OnStop },
): Promise<RunningServers | undefined> {
  if (!(await dockerAnswers(start.signal))) return undefined;
  // MySQL is there for those who have no MariaDB of their own.
  const extra = missing.includes('mariadb')
    ? withDocker.filter((name) => !process.env[URL_VARIABLES[name]])
    : [];
  try {
    return await startInDocker([...missing, ...extra], start);
  } catch (error) {
    start.signal.throwIfAborted();
    console.error(`Docker answers but could not bring the servers; trying local ones.\n${String(error)}`);
    return undefined;
  }
}

function temporaryFolder(onStop: OnStop): string {
  const folder = mkdtempSync(join(tmpdir(), 'program-executor-test-'));
  // Servers that run as another user must be able to pass through.
  chmodSync(folder, 0o755);
  startReaper(folder);
  onStop(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
