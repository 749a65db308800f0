import { toEnvironment } from './description.js';
import { startServers, TEST_SERVERS } from './start.js';

/**
 * Runs `work` with the servers up, then stops what was started, whatever happened.
 * `work` gets the variables to hand to child processes.
 */
export async function withServers<T>(
  signal: AbortSignal,
  work: (environment: Record<string, string>) => Promise<T>,
  wanted = TEST_SERVERS,
): Promise<T> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const servers = await startServers(wanted, signal, (stop) => stops.unshift(stop));
    return await work(toEnvironment(servers));
  } finally {
    await stopAll(stops);
  }
}

/** The folder goes last: it was registered first. */
async function stopAll(stops: readonly (() => Promise<void>)[]): Promise<void> {
  const results = await Promise.allSettled(stops.slice(0, -1).map((stop) => stop()));
  const last = await Promise.allSettled(stops.slice(-1).map((stop) => stop()));
  for (const result of [...results, ...last])
    if (result.status === 'rejected') console.error(`While stopping the servers: ${String(result.reason)}`);
}
