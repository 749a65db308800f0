/** Whoever runs operations on real rows. */
export interface Performer<E, A> {
  perform(encounters: readonly E[]): Promise<A[]>;
}

/**
 * The answers of a database, each asked for once: an answer depends on nothing but what is there and the operation,
 * so a search of millions of moves needs some thousand statements.
 */
export class Remembered<E, A> {
  readonly #performer: Performer<E, A>;
  readonly #keyOf: (encounter: E) => string;
  readonly #groupsOf: (encounters: readonly E[]) => E[][];
  readonly #known = new Map<string, { encounter: E; answer: A }>();

  /** @param groupsOf those of which each may be performed at once */
  constructor(
    performer: Performer<E, A>,
    keyOf: (encounter: E) => string,
    groupsOf: (encounters: readonly E[]) => E[][],
  ) {
    this.#performer = performer;
    this.#keyOf = keyOf;
    this.#groupsOf = groupsOf;
  }

  /** Everything that was asked so far. */
  get all(): { encounter: E; answer: A }[] {
    return [...this.#known.values()];
  }

  /** Asks for what is not known yet. */
  async learn(encounters: Iterable<E>): Promise<void> {
    const unknown = new Map<string, E>();
    for (const encounter of encounters) {
      const key = this.#keyOf(encounter);
      if (!this.#known.has(key)) unknown.set(key, encounter);
    }
    for (const group of this.#groupsOf([...unknown.values()])) {
      const answers = await this.#performer.perform(group);
      group.forEach((encounter, index) =>
        this.#known.set(this.#keyOf(encounter), { encounter, answer: answers[index] as A }),
      );
    }
  }

  /** What was learnt before. */
  to(encounter: E): A {
    const known = this.#known.get(this.#keyOf(encounter));
    if (!known) throw new Error(`Never learnt: ${this.#keyOf(encounter)}`);
    return known.answer;
  }
}
