import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckedDetection } from './detect-options.js';
import { probe, type ProbeAnswer, type Verdict } from './probe.js';

/** What a number of requests at once were answered. */
export interface Burst extends Readonly<Record<Verdict, number>> {
  readonly size: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** When the last one was refused for the rate; 0 where none was. */
  readonly limitedAtMs: number;
  /** The longest wait that was asked for. */
  readonly waitMs: number | undefined;
  /** Accepted ones that were answered with 500 or the like. */
  readonly serverErrors: number;
}

/** After any refusal, even if the API asks for no wait at all. */
const SHORTEST_PAUSE_MS = 200;
/** After a refusal for the rate that does not say how long to wait. */
const UNTOLD_PAUSE_MS = 1_000;

/** Sends bursts of requests, and none before the API wants to hear of us again. */
export class Prober {
  /** All that was sent, in order. */
  readonly bursts: Burst[] = [];
  #pauseUntilMs = 0;
  #endedBecause: string | undefined;

  constructor(private readonly options: CheckedDetection) {}

  /** Why no more may be sent; undefined while that is not so. */
  get endedBecause(): string | undefined {
    return this.#endedBecause;
  }

  get requests(): number {
    return this.bursts.reduce((sum, { size }) => sum + size, 0);
  }

  /** How long the next burst has to wait. */
  get pauseMs(): number {
    return Math.max(0, this.#pauseUntilMs - performance.now());
  }

  /** Waits as asked, then sends `size` requests at once. */
  async send(size: number): Promise<Burst> {
    await sleep(this.pauseMs);
    const startedAtMs = performance.now();
    const answers = await Promise.all(Array.from({ length: size }, () => probe(this.options)));
    const burst = sumUp(answers, startedAtMs);
    this.bursts.push(burst);
    this.#heed(burst, answers);
    return burst;
  }

  #heed(burst: Burst, answers: readonly ProbeAnswer[]): void {
    const pauseMs = pauseAfter(burst);
    this.#pauseUntilMs = performance.now() + pauseMs;
    const denied = answers.find(({ verdict }) => verdict === 'denied');
    const failed = burst.failed === burst.size ? answers[0] : undefined;
    const hopeless = denied ?? failed;
    if (hopeless) this.#endedBecause = `A request was sent in vain (${hopeless.reason}): ended there.`;
    else if ((burst.waitMs ?? 0) > this.options.rateLimitTestDurationMs)
      this.#endedBecause = `The API asks to wait ${seconds(pauseMs)}, longer than the test may last: ended there.`;
  }
}

function sumUp(answers: readonly ProbeAnswer[], startedAtMs: number): Burst {
  const count = (verdict: Verdict): number => answers.filter((answer) => answer.verdict === verdict).length;
  const waits = answers.flatMap(({ waitMs }) => waitMs ?? []);
  const limited = answers.filter(({ verdict }) => verdict === 'rateLimited');
  return {
    size: answers.length,
    startedAtMs,
    endedAtMs: performance.now(),
    limitedAtMs: Math.max(0, ...limited.map(({ atMs }) => atMs)),
    waitMs: waits.length > 0 ? Math.max(...waits) : undefined,
    accepted: count('accepted'),
    overloaded: count('overloaded'),
    rateLimited: count('rateLimited'),
    denied: count('denied'),
    failed: count('failed'),
    serverErrors: answers.filter(({ isServerError }) => isServerError === true).length,
  };
}

function pauseAfter({ waitMs, overloaded, rateLimited }: Burst): number {
  if (overloaded + rateLimited === 0) return 0;
  return Math.max(SHORTEST_PAUSE_MS, waitMs ?? (rateLimited > 0 ? UNTOLD_PAUSE_MS : 0));
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}
