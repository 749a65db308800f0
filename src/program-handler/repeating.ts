import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { DatabaseUnavailableError } from '../errors/index.js';
import { within } from '../within.js';
import { backOffMs, DEFAULT_RETRY_POLICY } from '../program/retry-policy.js';
import { PATIENCE_MS } from './dialects/patience.js';
import { faultKind } from './database-faults.js';

/** How long calls from applications wait for a database that is away, before they reject. */
export const UNAVAILABLE_AFTER_MS = 10_000;

const PAUSES = { ...DEFAULT_RETRY_POLICY, initialBackoffMs: 10, maxBackoffMs: 1_000, jitter: 0.5 };

/** The pause before a statement is repeated. */
export function pauseMs(failures: number): number {
  return backOffMs(PAUSES, failures, Math.random());
}

/**
 * Repeats `work`, which must be repeatable, while it fails with errors that may pass.
 * @throws DatabaseUnavailableError after 10 s of them; any other error at once
 */
export async function repeating<T>(
  what: string,
  work: () => Promise<T>,
  mayPass: (error: unknown) => boolean = (error) => faultKind(error) === 'transient',
): Promise<T> {
  const startedAt = performance.now();
  for (let failures = 1; ; failures += 1) {
    // A database within this process answers at once: whoever asked in a loop would keep all else from going on.
    await nextTurn();
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error)) throw error;
      const elapsedMs = performance.now() - startedAt;
      if (elapsedMs > UNAVAILABLE_AFTER_MS) throw new DatabaseUnavailableError(what, elapsedMs, error);
      await delay(pauseMs(failures));
    }
  }
}

/** The same for a short statement through knex, which would wait for ever on a half-open connection. */
export function repeatingHeard<T>(what: string, work: () => Promise<T>): Promise<T> {
  return repeating(what, () => heard(work()));
}

/** What `work` gives, which is soon done where the database answers. @throws what may pass, after 20 s of silence */
export async function heard<T>(work: Promise<T>): Promise<T> {
  const answer = await within(
    PATIENCE_MS,
    work.then((value) => ({ value })),
  );
  if (!answer) throw new Error(`The connection is lost: no answer for ${PATIENCE_MS} ms`);
  return answer.value;
}
