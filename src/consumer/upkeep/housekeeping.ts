import type { Retention } from '../../program/retention.js';
import { describeFault, type PruneStep, type PruneWalk, type Upkeep } from '../../program-handler/index.js';
import type { Logger } from '../../telemetry/logger.js';
import { Rounds } from './rounds.js';

/** The pauses between two looks at the tables, in milliseconds. */
export interface HousekeepingPauses {
  /** After the start of the worker. */
  readonly first: number;
  /** After something was deleted; at least as long as that took. */
  readonly afterDeleting: number;
  /** In the midst of programs that are kept, while the worker has work: then a statement more is nothing. */
  readonly whileBusy: number;
  /** The same for one that has none. */
  readonly whileIdle: number;
  /** When all have been looked at, or it is another worker's turn. */
  readonly atEnd: number;
}

const PAUSES: HousekeepingPauses = {
  first: 60_000,
  afterDeleting: 100,
  whileBusy: 1_000,
  whileIdle: 180_000,
  atEnd: 600_000,
};

/** How often workers are removed from the registry that died long ago, in milliseconds. */
const FORGET_EVERY_MS = 3_600_000;

export interface HousekeepingParts {
  readonly workerId: string;
  readonly retention: Retention;
  readonly upkeep: Pick<Upkeep, 'pruneWalk' | 'forgetDeadWorkers'>;
  readonly logger: Logger;
  /** Grows with everything that the worker does. */
  workDone(): number;
}

/** Deletes what need not be kept, while it is this worker's turn: a page at a time, and on through the table. */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  readonly #pauses: HousekeepingPauses;
  readonly #walk: PruneWalk;
  readonly #rounds: Rounds;
  #workDone = 0;
  #forgotAtMs = -Infinity;

  constructor(parts: HousekeepingParts, pauses = PAUSES) {
    const { upkeep, retention, workerId } = parts;
    this.#parts = parts;
    this.#pauses = pauses;
    this.#walk = upkeep.pruneWalk(retention, workerId);
    this.#rounds = new Rounds(pauses.first, () => this.#round());
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Resolves with the pause after it; never rejects. */
  async #round(): Promise<number> {
    try {
      await this.#forgetDeadWorkers();
      return this.#pauseAfter(await this.#walk.next());
    } catch (error) {
      this.#parts.logger.warn('housekeeping-failed', describeFault(error));
      return this.#pauses.atEnd;
    }
  }

  #pauseAfter({ pruned, isAtEnd, isAtYoung, deletingMs }: PruneStep): number {
    const { afterDeleting, whileBusy, whileIdle, atEnd } = this.#pauses;
    const isBusy = this.#parts.workDone() !== this.#workDone;
    this.#workDone = this.#parts.workDone();
    if (pruned.finished + pruned.errored > 0) this.#parts.logger.info('programs-pruned', pruned);
    if (isAtEnd || isAtYoung) {
      this.#walk.restart();
      return atEnd;
    }
    if (deletingMs > 0) return Math.max(afterDeleting, deletingMs);
    return isBusy ? whileBusy : whileIdle;
  }

  async #forgetDeadWorkers(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#forgotAtMs < FORGET_EVERY_MS) return;
    await this.#parts.upkeep.forgetDeadWorkers();
    this.#forgotAtMs = nowMs;
  }
}
