import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimedProgram } from '../program/program.js';
import type { ClaimLane } from '../program-handler/index.js';
import { EARLY_PAUSES_MS, type Hint } from '../queue-manager/index.js';

/** A hint that no slot was free for goes back after so long, in milliseconds. */
const HINT_WAIT_MS = 60_000;

/** Starts the run of a claimed program; resolves at its end, never rejects. */
export type StartRun = (program: ClaimedProgram, onRenewed: () => void) => Promise<void>;

interface WaitingHint {
  readonly hint: Hint;
  readonly timer: NodeJS.Timeout;
}

/**
 * Turns hints and due rows into runs, never more at once than there are slots. A hint is settled at the first
 * of: its claim is refused, the run ended, the lease was renewed once; so none is held for long.
 */
export class Intake {
  readonly #claims: ClaimLane;
  readonly #startRun: StartRun;
  readonly #onSlotFree: () => void;
  readonly #slots: number;
  readonly #waiting: WaitingHint[] = [];
  readonly #active = new Set<Promise<void>>();
  #freeSlots: number;
  #isClosed = false;

  constructor(claims: ClaimLane, slots: number, startRun: StartRun, onSlotFree: () => void) {
    this.#claims = claims;
    this.#slots = slots;
    this.#freeSlots = slots;
    this.#startRun = startRun;
    this.#onSlotFree = onSlotFree;
  }

  /** Slots that the poll may fill: none while hints wait for one. */
  get pollableSlots(): number {
    return this.#isClosed || this.#waiting.length > 0 ? 0 : Math.max(0, this.#freeSlots);
  }

  /** False while a claim, of a poll too, or a run is under way. */
  get isIdle(): boolean {
    return this.#freeSlots === this.#slots;
  }

  onHint(hint: Hint): void {
    if (this.#isClosed) return hint.requeue();
    if (this.#freeSlots > 0) return this.#occupy(this.#runHinted(hint));
    const timer = setTimeout(() => this.#giveBack(hint), HINT_WAIT_MS).unref();
    this.#waiting.push({ hint, timer });
  }

  /** Claims up to `limit` due programs; resolves with how many were found. Rejects with the database's error. */
  async claimDue(limit: number): Promise<number> {
    this.#freeSlots -= limit;
    try {
      const claimed = await this.#claims.claimDue(limit);
      for (const program of claimed) this.#occupy(this.#startRun(program, () => undefined));
      return claimed.length;
    } finally {
      this.#freeSlots += limit;
      this.#takeWaiting();
    }
  }

  /** Takes no more hints, and gives back those that wait. */
  close(): void {
    this.#isClosed = true;
    for (const { hint, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      hint.requeue();
    }
  }

  /** Resolves when no claim or run is under way. */
  async idle(): Promise<void> {
    while (this.#active.size > 0) await Promise.all(this.#active);
  }

  async #runHinted(hint: Hint): Promise<void> {
    let programs: ClaimedProgram[];
    try {
      programs = await this.#claim(hint);
    } catch {
      // The lane closed before the database answered.
      hint.requeue();
      return;
    }
    // In an old table two rows may share a run_id.
    for (const run of programs.map((program) => this.#startRun(program, () => hint.ack()))) await run;
    hint.ack();
  }

  async #claim({ runId, note }: Hint): Promise<ClaimedProgram[]> {
    const pauses = note === 'early' ? EARLY_PAUSES_MS : [];
    let programs = await this.#claims.claimRung(runId);
    for (const pauseMs of pauses) {
      if (programs.length > 0) break;
      await delay(pauseMs);
      programs = await this.#claims.claimRung(runId);
    }
    return programs;
  }

  #occupy(run: Promise<void>): void {
    this.#freeSlots -= 1;
    const active = run.finally(() => {
      this.#active.delete(active);
      this.#freeSlots += 1;
      this.#takeWaiting();
      this.#onSlotFree();
    });
    this.#active.add(active);
  }

  #takeWaiting(): void {
    while (this.#freeSlots > 0) {
      const next = this.#waiting.shift();
      if (!next) return;
      clearTimeout(next.timer);
      this.#occupy(this.#runHinted(next.hint));
    }
  }

  #giveBack(hint: Hint): void {
    const index = this.#waiting.findIndex((waiting) => waiting.hint === hint);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    hint.requeue();
  }
}
