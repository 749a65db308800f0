import { messageOf } from '../errors/index.js';
import { askedWaitMs } from './asked-wait.js';
import type { CheckedDetection } from './detect-options.js';

/**
 * What an answer says of the limits. accepted: the request came through them, whatever became of it.
 * overloaded: 502 or 503. rateLimited: 429. denied: any other 4xx, so that asking again is of no use.
 * failed: there was no answer.
 */
export type Verdict = 'accepted' | 'overloaded' | 'rateLimited' | 'denied' | 'failed';

export interface ProbeAnswer {
  readonly verdict: Verdict;
  /** For people: the status, or what went wrong. */
  readonly reason: string;
  /** How long it asks to wait. */
  readonly waitMs?: number;
  /** By `performance.now()`. */
  readonly atMs: number;
}

type Request = Pick<CheckedDetection, 'url' | 'method' | 'headers' | 'body' | 'timeoutMs'>;

/** Sends one request. Never rejects. */
export async function probe({ url, method, headers, body, timeoutMs }: Request): Promise<ProbeAnswer> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method, headers, body: body ?? null, signal });
    const atMs = performance.now();
    // A request has ended when its body is here; what it says is of no interest.
    await response.body?.pipeTo(new WritableStream());
    return { ...judge(response), atMs };
  } catch (error) {
    return { verdict: 'failed', reason: reasonOf(error, timeoutMs), atMs: performance.now() };
  }
}

function judge({ status, headers }: Response): Omit<ProbeAnswer, 'atMs'> {
  const reason = `answered with ${status}`;
  const verdict = verdictOf(status);
  const waitMs = verdict === 'accepted' ? undefined : askedWaitMs(headers, Date.now());
  return { verdict, reason, ...(waitMs !== undefined && { waitMs }) };
}

function verdictOf(status: number): Verdict {
  if (status === 429) return 'rateLimited';
  if (status === 502 || status === 503) return 'overloaded';
  return status >= 400 && status < 500 ? 'denied' : 'accepted';
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer in ${timeoutMs} ms`;
  // What fetch throws says no more than that it failed; the cause says why.
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return `no answer: ${messageOf(cause ?? error)}`;
}
