import { messageOf } from '../errors/index.js';
import { askedWaitMs, retryAfterMs } from './asked-wait.js';
import type { CheckedDetection } from './detect-options.js';

/**
 * What an answer says of the limits. accepted: the request came through them, whatever became of it.
 * overloaded: 502 or 503. rateLimited: 429. denied: a 3xx or any other 4xx, so that asking again is of no use.
 * failed: there was no answer.
 */
export type Verdict = 'accepted' | 'overloaded' | 'rateLimited' | 'denied' | 'failed';

export interface ProbeAnswer {
  readonly verdict: Verdict;
  /** For people: the status, or what went wrong. */
  readonly reason: string;
  /** How long it asks to wait. */
  readonly waitMs?: number;
  /** Accepted, but answered with 500 or the like. */
  readonly isServerError?: boolean;
  /** By `performance.now()`. */
  readonly atMs: number;
}

type Request = Pick<CheckedDetection, 'url' | 'method' | 'headers' | 'body' | 'timeoutMs'>;

/** Sends one request. Never rejects. */
export async function probe({ url, method, headers, body, timeoutMs }: Request): Promise<ProbeAnswer> {
  let refusal: ProbeAnswer | undefined;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    // Where a redirect leads to is another API, perhaps asked by another method.
    const asked: RequestInit = { method, headers, body: body ?? null, signal, redirect: 'manual' };
    const response = await fetch(url, asked);
    const answer = { ...judge(response), atMs: performance.now() };
    if (answer.verdict !== 'accepted') refusal = answer;
    // A request has ended when its body is here; what it says is of no interest.
    await response.body?.pipeTo(new WritableStream());
    return answer;
  } catch (error) {
    // A refusal is one also where the rest of it never comes.
    return refusal ?? { verdict: 'failed', reason: reasonOf(error, timeoutMs), atMs: performance.now() };
  }
}

function judge({ status, headers }: Response): Omit<ProbeAnswer, 'atMs'> {
  const verdict = verdictOf(status);
  const waitMs = waitAskedBy(headers, verdict);
  return {
    verdict,
    reason: reasonBy(status),
    isServerError: verdict === 'accepted' && status >= 500,
    ...(waitMs !== undefined && { waitMs }),
  };
}

function verdictOf(status: number): Verdict {
  if (status === 429) return 'rateLimited';
  if (status === 502 || status === 503) return 'overloaded';
  return status >= 300 && status < 500 ? 'denied' : 'accepted';
}

/** Many APIs tell with every answer when their rate limit is reset: that is to wait for where the rate was refused. */
function waitAskedBy(headers: Headers, verdict: Verdict): number | undefined {
  if (verdict === 'rateLimited') return askedWaitMs(headers, Date.now());
  return verdict === 'overloaded' ? retryAfterMs(headers, Date.now()) : undefined;
}

function reasonBy(status: number): string {
  const isRedirect = status >= 300 && status < 400;
  return `answered with ${status}${isRedirect ? ', a redirect: give the URL that it leads to' : ''}`;
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer in ${timeoutMs} ms`;
  // What fetch throws says no more than that it failed; the cause says why.
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return `no answer: ${messageOf(cause ?? error)}`;
}
