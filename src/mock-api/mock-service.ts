import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FULL_BUCKET, takeToken, type BucketLevel } from '../rate-limit/token-bucket.js';
import { refusal, type Reply } from './reply.js';
import type { CheckedService } from './service-config.js';

/** How often a service has answered what. */
export interface MockServiceCounts {
  /** Let in: answered with 200, or about to be. */
  accepted: number;
  /** 503: too many at once. */
  concurrencyExceeded: number;
  /** 429: too many in the window. */
  rateExceeded: number;
  simulatedErrors: number;
}

/** One mock API, as `getServerState` shows it. */
export interface MockServiceState {
  readonly config: CheckedService;
  /** Requests that it has let in and not yet answered. */
  readonly running: number;
  readonly counts: Readonly<MockServiceCounts>;
}

/** One mock API: it lets a request in or refuses it at once; nothing ever waits for a limit. */
export class MockService implements MockServiceState {
  readonly counts: MockServiceCounts = {
    accepted: 0,
    concurrencyExceeded: 0,
    rateExceeded: 0,
    simulatedErrors: 0,
  };
  #bucket: BucketLevel = FULL_BUCKET;
  #running = 0;

  constructor(readonly config: CheckedService) {}

  get running(): number {
    return this.#running;
  }

  /** @param stopping cuts the delay short: rejects then */
  async answer(stopping: AbortSignal): Promise<Reply> {
    if (Math.random() < (this.config.errorSimulation?.rate ?? 0)) return this.#simulateError();
    if (this.#running >= this.config.maxConcurrency) {
      this.counts.concurrencyExceeded += 1;
      return refusal(503, 'concurrency_limit_exceeded');
    }
    this.#running += 1;
    try {
      return this.#refuseByRate() ?? (await this.#serve(stopping));
    } finally {
      this.#running -= 1;
    }
  }

  #simulateError(): Reply {
    this.counts.simulatedErrors += 1;
    const { statusCode = 500, errorMessage = 'internal_server_error' } = this.config.errorSimulation ?? {};
    return refusal(statusCode, errorMessage);
  }

  #refuseByRate(): Reply | undefined {
    const { limit, windowMs } = this.config.rateLimit;
    // Whole milliseconds: the bucket is exact with them.
    const nowMs = Math.floor(performance.now());
    const { taken, level, waitMs } = takeToken({ requests: limit, windowMs }, this.#bucket, nowMs);
    this.#bucket = level;
    if (taken) return undefined;
    this.counts.rateExceeded += 1;
    const retryAfter = String(Math.ceil(waitMs / 1_000));
    return { ...refusal(429, 'rate_limit_exceeded'), headers: { 'retry-after': retryAfter } };
  }

  async #serve(stopping: AbortSignal): Promise<Reply> {
    this.counts.accepted += 1;
    const [minMs, maxMs] = this.config.delayMs;
    const ts = Date.now();
    const startedAtMs = performance.now();
    await sleep(minMs + Math.random() * (maxMs - minMs), undefined, { signal: stopping });
    const rt = Math.round(performance.now() - startedAtMs);
    return { status: 200, body: { requestId: randomUUID(), meta: { ts, rt }, data: 'ok' } };
  }
}
