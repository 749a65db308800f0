import { messageOf } from '../../errors/index.js';
import type { Logger } from '../../telemetry/logger.js';
import type { QueueManagerEvents } from '../queue-manager.js';
import type { RingFailure } from './ring.js';

export interface DispatchFailuresOptions {
  queueName: string;
  logger: Logger;
  events: QueueManagerEvents;
  /** A clock in milliseconds. */
  now(): number;
}

/** The broker took the hint, or did not, and said neither in time. */
export class NotConfirmedError extends Error {
  override readonly name = 'NotConfirmedError';
}

const LOG_INTERVAL_MS = 1_000;

/** Reports programs that were not rung for: each call as an event, in the log at most one line a second. */
export class DispatchFailures {
  readonly #options: DispatchFailuresOptions;
  #unlogged = 0;
  #loggedAt = -Infinity;

  constructor(options: DispatchFailuresOptions) {
    this.#options = options;
  }

  report({ runIds, error }: RingFailure): void {
    this.#unlogged += runIds.length;
    if (this.#options.now() - this.#loggedAt >= LOG_INTERVAL_MS) this.#log(error);
    this.#options.events.onDispatchFailed(runIds, error);
  }

  /** A broker that is down while thousands of programs are created must not fill the disk with lines. */
  #log(error: unknown): void {
    const { logger, queueName, now } = this.#options;
    const action = error instanceof NotConfirmedError ? 'confirm-error' : 'queue-error';
    const details = { program_count: this.#unlogged, error_message: messageOf(error) };
    logger.error(action, { queue_name: queueName, ...details });
    this.#unlogged = 0;
    this.#loggedAt = now();
  }
}
