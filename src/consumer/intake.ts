import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimedProgram } from '../program/program.js';
import type { ClaimLane } from '../program-handler/index.js';
import { EARLY_PAUSES_MS, type Hint } from '../queue-manager/index.js';
import type { JobSlots } from './job-slots.js';

/** A hint that there was no room for goes back after so long, in milliseconds. */
const HINT_WAIT_MS = 60_000;

/** Starts the run of a claimed program; resolves at its end, never rejects. */
export type StartRun = (program: ClaimedProgram, onRenewed: () => void) => Promise<void>;

interface WaitingHint {
  readonly hint: Hint;
  readonly timer: NodeJS.Timeout;
}

/**
 * Turns hints and due rows into runs, as long as a slot is free for their jobs and there are not too many of them. A
 * hint is settled at the first of: its claim is refused, the run ended, the lease was renewed once; so none is held
 * for long.
 */
export class Intake {
  readonly #claims: ClaimLane;
  readonly #startRun: StartRun;
  readonly #onRoom: () => void;
  readonly #slots: JobSlots;
  readonly #waiting: WaitingHint[] = [];
  readonly #active = new Set<Promise<void>>();
  /** Claims and runs under way; a poll counts as all that it may claim. */
  #underWay = 0;
  /** Of them, claims: their programs will want a slot each. */
  #claiming = 0;
  /** Hints wait, whatever becomes free. */
  #isTurnOfPoll = false;
  #isClosed = false;

  constructor(claims: ClaimLane, slots: JobSlots, startRun: StartRun, onRoom: () => void) {
    this.#claims = claims;
    this.#slots = slots;
    this.#startRun = startRun;
    this.#onRoom = onRoom;
    slots.whenFree(() => this.#fillRoom());
  }

  /** Programs that the poll may claim: none while hints wait for room, unless it is its turn. */
  get pollable(): number {
    const areHintsFirst = this.#waiting.length > 0 && !this.#isTurnOfPoll;
    return this.#isClosed || areHintsFirst ? 0 : Math.max(0, this.#room);
  }

  /** What becomes free is for the poll, until its turn is ended. */
  beginTurnOfPoll(): void {
    this.#isTurnOfPoll = true;
  }

  endTurnOfPoll(): void {
    this.#isTurnOfPoll = false;
    this.#takeWaiting();
  }

  get #room(): number {
    const { free, programs } = this.#slots;
    return Math.min(free - this.#claiming, programs - this.#underWay);
  }

  /** False while a claim, of a poll too, or a run is under way. */
  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  onHint(hint: Hint): void {
    if (this.#isClosed) return hint.requeue();
    if (this.#room > 0 && !this.#isTurnOfPoll) return this.#occupy(this.#runHinted(hint));
    const timer = setTimeout(() => this.#giveBack(hint), HINT_WAIT_MS).unref();
    this.#waiting.push({ hint, timer });
  }

  /** Claims up to `limit` due programs; resolves with how many were found. Rejects with the database's error. */
  async claimDue(limit: number): Promise<number> {
    let found = 0;
    this.#reserve(limit);
    try {
      for await (const programs of this.#claims.claimDue(limit)) {
        for (const program of programs) this.#occupy(this.#startRun(program, () => undefined));
        this.#reserve(-programs.length);
        found += programs.length;
      }
      return found;
    } finally {
      this.#reserve(found - limit);
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

  #reserve(count: number): void {
    this.#claiming += count;
    this.#underWay += count;
  }

  async #runHinted(hint: Hint): Promise<void> {
    let programs: ClaimedProgram[];
    this.#claiming += 1;
    try {
      programs = await this.#claim(hint);
    } catch {
      // The lane closed before the database answered.
      hint.requeue();
      return;
    } finally {
      this.#claiming -= 1;
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
      if (pauseMs > 0) await delay(pauseMs);
      programs = await this.#claims.claimRung(runId);
    }
    return programs;
  }

  #occupy(run: Promise<void>): void {
    this.#underWay += 1;
    const active = run.finally(() => {
      this.#active.delete(active);
      this.#underWay -= 1;
      this.#fillRoom();
    });
    this.#active.add(active);
  }

  #fillRoom(): void {
    this.#takeWaiting();
    this.#onRoom();
  }

  #takeWaiting(): void {
    while (this.#room > 0 && !this.#isTurnOfPoll) {
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
