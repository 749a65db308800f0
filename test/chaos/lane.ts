import type { Disaster } from './disasters/index.js';
import type { Random } from './random.js';

/** Disasters that come one after the other: each of them, in an order of chance, before any comes again. */
export class Lane {
  readonly #disasters: readonly Disaster[];
  #left: Disaster[] = [];
  /** Of its own: else the order would depend on how long the disasters of other lanes take. */
  readonly random: Random;

  constructor(disasters: readonly Disaster[], random: Random) {
    this.#disasters = disasters;
    this.random = random;
  }

  next(): Disaster {
    if (this.#left.length === 0) this.#left = this.random.shuffled(this.#disasters);
    return this.#left.pop() as Disaster;
  }
}
