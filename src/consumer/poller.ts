import { describeFault, type ClaimLane } from '../program-handler/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Intake } from './intake.js';

/** Most programs that one poll claims. */
const MAX_CLAIMED = 500;
/** The pause after a poll that the database refused, in milliseconds. */
const AFTER_ERROR_MS = 1_000;

export interface PollerOptions {
  readonly claims: ClaimLane;
  readonly intake: Intake;
  /** The longest sleep between two polls, in milliseconds. */
  readonly maxSleepMs: number;
  readonly logger: Logger;
}

/**
 * Finds every row that is due: retries, delays, crashes, lost hints and creation without a broker all come
 * back this way. Asks only while a slot is free, and sleeps exactly as long as nothing can be due.
 */
export class Poller {
  readonly #options: PollerOptions;
  #timer: NodeJS.Timeout | undefined;
  #wakesAtMs = 0;
  #polling: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#sleep(0);
  }

  /** Something may be due after `delayMs`: sleeps no longer than that. */
  wakeIn(delayMs: number): void {
    if (performance.now() + delayMs < this.#wakesAtMs) this.#sleep(delayMs);
  }

  /** A slot is free: polls at once if the last poll was skipped or cut short for want of one. */
  onSlotFree(): void {
    if (this.#isStarved) this.#sleep(0);
  }
  #isStarved = false;

  /** Resolves when no poll is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#polling;
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const sleepMs = Math.min(ms, this.#options.maxSleepMs);
    this.#wakesAtMs = performance.now() + sleepMs;
    this.#timer = setTimeout(() => this.#wake(), sleepMs);
  }

  #wake(): void {
    this.#polling ??= this.#poll().then((sleepMs) => {
      this.#polling = undefined;
      this.#sleep(sleepMs);
    });
  }

  /** Resolves with how long to sleep; never rejects. */
  async #poll(): Promise<number> {
    const { claims, intake, logger, maxSleepMs } = this.#options;
    const limit = Math.min(intake.pollableSlots, MAX_CLAIMED);
    this.#isStarved = limit === 0;
    if (limit === 0) return maxSleepMs;
    try {
      const untilDueMs = await claims.untilDueMs();
      if (untilDueMs !== 0) return untilDueMs ?? maxSleepMs;
      const found = await intake.claimDue(Math.min(limit, intake.pollableSlots));
      this.#isStarved = found === limit;
      return found === 0 ? maxSleepMs : 0;
    } catch (error) {
      logger.warn('poll-failed', describeFault(error));
      return AFTER_ERROR_MS;
    }
  }
}
