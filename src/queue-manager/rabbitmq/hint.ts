import type { Hint, HintNote } from '../queue-manager.js';
import type { HintContent } from './message.js';
import type { Settlements } from './settlements.js';

/** A delivery as a hint; settling it does nothing once it is settled or its channel is dead. */
export class DeliveredHint implements Hint {
  readonly runId: string;
  readonly note: HintNote | undefined;
  readonly #tag: number;
  readonly #settlements: Settlements;
  #isSettled = false;

  constructor({ runId, note }: HintContent, tag: number, settlements: Settlements) {
    this.runId = runId;
    this.note = note;
    this.#tag = tag;
    this.#settlements = settlements;
  }

  ack(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#settlements.ack(this.#tag);
  }

  requeue(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#settlements.requeue(this.#tag);
  }
}
