import { describeFault, type ClaimLane } from '../program-handler/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Intake } from './intake.js';
import { PollTurns } from './poll-turns.js';

/** Most programs that one poll claims. */
const MAX_CLAIMED = 500;
/** How long a worker that lets others go first leaves a due program to them, in milliseconds. */
const LATENESS_MS = 300;
/** The pause when what is due is locked by somebody else, in milliseconds. */
const WHILE_LOCKED_MS = 50;
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
  readonly #turns: PollTurns;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** When something is expected to be due; asked for while a poll is under way, it shortens the sleep after it. */
  #expectedAtMs = Infinity;
  /** When the sleep under way ends. */
  #wakeAtMs = Infinity;
  /** The last poll found no slot. */
  #isStarved = false;
  /**
   * The next poll need not ask: the last one filled every slot that was free, so there may be more; or its reply
   * was lost, and what it claimed is due for nobody until it is claimed again; or room has just been made.
   */
  #isSure = false;
  #polling: Promise<void> | undefined;
  #lateUntilMs = 0;
  #isStopped = false;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#turns = new PollTurns(options.intake);
    this.wakeIn(0);
  }

  /** Something may be due after `delayMs`: sleeps no longer than that. */
  wakeIn(delayMs: number): void {
    this.#expectedAtMs = Math.min(this.#expectedAtMs, performance.now() + delayMs);
    if (!this.#polling && this.#expectedAtMs < this.#wakeAtMs) this.#sleep(delayMs);
  }

  /** Something may be due at once that waited for room. */
  onRoom(): void {
    this.#isSure = true;
    this.wakeIn(0);
  }

  /** Polls at once if the last poll went without a slot. */
  onSlotFree(): void {
    if (this.#isStarved) this.wakeIn(0);
  }

  /** For ten minutes, what becomes due while this worker sleeps is left to the others for a moment. */
  letOthersFirst(): void {
    this.#lateUntilMs = performance.now() + 600_000;
  }

  /** Resolves when no poll is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelWake();
    await this.#polling;
  }

  #sleep(ms: number): void {
    this.#cancelWake();
    if (this.#isStopped) return;
    const nowMs = performance.now();
    const sleepMs = Math.min(ms, Math.max(0, this.#expectedAtMs - nowMs));
    // A wake in the next turn of the event loop is put off by nothing: slots become free in each.
    this.#wakeAtMs = sleepMs === 0 ? -Infinity : nowMs + sleepMs;
    // A timer takes a millisecond at least, in which a busy worker frees many slots.
    if (sleepMs === 0) this.#immediate = setImmediate(() => this.#wake());
    else this.#timer = setTimeout(() => this.#wake(), sleepMs);
  }

  #cancelWake(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #wake(): void {
    this.#expectedAtMs = Infinity;
    this.#polling ??= this.#poll().then((sleepMs) => {
      this.#polling = undefined;
      this.#sleep(sleepMs);
    });
  }

  /** For so many programs; takes note when there is none. */
  #room(): number {
    const room = Math.min(this.#options.intake.pollable, MAX_CLAIMED);
    this.#isStarved = room === 0;
    if (this.#isStarved) this.#turns.starved();
    return room;
  }

  #latenessMs(): number {
    return performance.now() < this.#lateUntilMs ? LATENESS_MS : 0;
  }

  /** Resolves with how long to sleep; never rejects. */
  async #poll(): Promise<number> {
    const { claims, intake, logger, maxSleepMs } = this.#options;
    if (this.#room() === 0) return maxSleepMs;
    try {
      const isSure = this.#isSure;
      const untilDueMs = isSure ? 0 : await claims.untilDueMs();
      if (untilDueMs !== 0) {
        this.#turns.end();
        return Math.min(untilDueMs ?? maxSleepMs, maxSleepMs) + this.#latenessMs();
      }
      // Hints may have taken it meanwhile.
      const room = this.#room();
      if (room === 0) return maxSleepMs;
      this.#isSure = true;
      const found = await intake.claimDue(room);
      this.#isSure = found === room;
      this.#turns.claimed(found, room);
      return found === 0 && !isSure ? WHILE_LOCKED_MS : 0;
    } catch (error) {
      this.#turns.end();
      logger.warn('poll-failed', describeFault(error));
      return AFTER_ERROR_MS;
    }
  }
}
