import { monotonicMs } from '../program/monotonic-clock.js';
import type { Intake } from './intake.js';

/** A poll that finds no room for so long gets what becomes free next, in milliseconds: hints would take it. */
const STARVED_AFTER_MS = 100;
/** So many programs are claimed then, before it is the turn of the hints again. */
const PROGRAMS_A_TURN = 50;

/**
 * Turns between hints and the poll, of a worker that has more of the one than room: there are always hints waiting
 * for the next slot then, and nobody rings for what comes back from a retry, a dead worker or a line.
 */
export class PollTurns {
  readonly #intake: Pick<Intake, 'beginTurnOfPoll' | 'endTurnOfPoll'>;
  #starvedSinceMs: number | undefined;
  /** Of the turn under way; undefined: it is that of the hints. */
  #left: number | undefined;

  constructor(intake: Pick<Intake, 'beginTurnOfPoll' | 'endTurnOfPoll'>) {
    this.#intake = intake;
  }

  /** The poll has found no room. */
  starved(): void {
    const nowMs = monotonicMs();
    this.#starvedSinceMs ??= nowMs;
    if (this.#left !== undefined || nowMs - this.#starvedSinceMs < STARVED_AFTER_MS) return;
    this.#left = PROGRAMS_A_TURN;
    this.#intake.beginTurnOfPoll();
  }

  /** It has claimed so many of the programs that there was room for. */
  claimed(count: number, room: number): void {
    if (this.#left !== undefined) this.#left -= count;
    if (count < room || (this.#left ?? 0) <= 0) this.end();
  }

  /** It has found nothing, or could not ask. */
  end(): void {
    this.#starvedSinceMs = undefined;
    if (this.#left === undefined) return;
    this.#left = undefined;
    this.#intake.endTurnOfPoll();
  }
}
