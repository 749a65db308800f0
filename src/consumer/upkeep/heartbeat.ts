import {
  describeFault,
  HEARTBEAT_MS,
  type Upkeep,
  type WorkerIdentity,
} from '../../program-handler/index.js';
import type { Logger } from '../../telemetry/logger.js';
import { within } from '../../within.js';
import { EventLoopLag } from './event-loop-lag.js';
import { Rounds } from './rounds.js';

/** How long a worker that stops waits for its row to be removed, in milliseconds; else it is forgotten in a day. */
const LEAVE_TIMEOUT_MS = 1_000;
/** A heartbeat that is not answered for so long is given up, in milliseconds. */
const PATIENCE_MS = 20_000;
/** The pause after a heartbeat that failed, in milliseconds. */
const AFTER_ERROR_MS = 5_000;

export interface HeartbeatParts {
  readonly worker: WorkerIdentity;
  readonly upkeep: Pick<Upkeep, 'beat' | 'leave'>;
  readonly logger: Logger;
  /** Jobs that run just now. */
  running(): number;
}

/** Keeps a worker's row in the registry up to date. Nothing waits for it, and nothing depends on it but turns. */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #lag = new EventLoopLag();
  readonly #rounds: Rounds;
  #isFailing = false;

  constructor(parts: HeartbeatParts, everyMs = HEARTBEAT_MS) {
    this.#parts = parts;
    this.#rounds = new Rounds(0, async () =>
      (await this.#beat()) ? everyMs : Math.min(everyMs, AFTER_ERROR_MS),
    );
  }

  /** Removes the row. Resolves soon, also when the database is away. */
  async stop(): Promise<void> {
    const { worker, upkeep } = this.#parts;
    this.#lag.stop();
    // A heartbeat under way might put the row back.
    await this.#rounds.stop();
    const left = upkeep.leave(worker.id).catch(() => undefined);
    await within(LEAVE_TIMEOUT_MS, left);
  }

  /** Resolves with whether it was written; never rejects. */
  async #beat(): Promise<boolean> {
    const { worker, upkeep, running } = this.#parts;
    const pulse = { running: running(), eventLoopLagMs: this.#lag.take() };
    const written = upkeep.beat(worker, pulse).then(
      () => true,
      (error: unknown) => this.#onError(error),
    );
    const isWritten = (await within(PATIENCE_MS, written)) === true;
    if (isWritten) this.#isFailing = false;
    return isWritten;
  }

  /** One line an outage, which others will tell of as well. */
  #onError(error: unknown): false {
    if (!this.#isFailing) this.#parts.logger.warn('heartbeat-failed', describeFault(error));
    this.#isFailing = true;
    return false;
  }
}
