import type { Knex } from 'knex';

/** Short enough for a worker to find a connection that works before its leases are lost, in milliseconds. */
export const PATIENCE_MS = 20_000;
const LONGEST_MS = 300_000;

/**
 * How long a server may be silent. Longer each time: it may be no broken connection, but a lock that lasts, and
 * then each statement that was given up still waits in the server.
 */
export class Patience {
  #ms: number;
  readonly #firstMs: number;

  constructor(firstMs = PATIENCE_MS) {
    this.#firstMs = firstMs;
    this.#ms = firstMs;
  }

  get ms(): number {
    return this.#ms;
  }

  onAnswer(): void {
    this.#ms = this.#firstMs;
  }

  onSilence(): void {
    this.#ms = Math.min(this.#ms * 2, LONGEST_MS);
  }
}

const patienceOf = new WeakMap<object, Patience>();

/** That with the server of a pool, the same for all who ask there. */
export function patienceWith(knex: Knex): Patience {
  const client = knex.client as object;
  const known = patienceOf.get(client) ?? new Patience();
  patienceOf.set(client, known);
  return known;
}
