import { isClaim, keyOf, type Answer, type Encounter } from './operation.js';

/** Whoever runs operations on real rows. */
export interface Performer {
  perform(encounters: readonly Encounter[]): Promise<Answer[]>;
}

/**
 * The answers of a database, each asked for once: an answer depends on nothing but the row and the operation,
 * so a search of millions of moves needs some thousand statements.
 */
export class Answers {
  readonly #table: Performer;
  readonly #known = new Map<string, { encounter: Encounter; answer: Answer }>();

  constructor(table: Performer) {
    this.#table = table;
  }

  /** Everything that was asked so far. */
  get all(): { encounter: Encounter; answer: Answer }[] {
    return [...this.#known.values()];
  }

  /** Asks for what is not known yet, in groups that one statement can serve. */
  async learn(encounters: Iterable<Encounter>): Promise<void> {
    const unknown = new Map<string, Encounter>();
    for (const encounter of encounters) {
      const key = keyOf(encounter);
      if (!this.#known.has(key)) unknown.set(key, encounter);
    }
    for (const group of groupsOf([...unknown.values()])) {
      const answers = await this.#table.perform(group);
      group.forEach((encounter, index) =>
        this.#known.set(keyOf(encounter), { encounter, answer: answers[index] as Answer }),
      );
    }
  }

  /** What was learnt before. */
  to(encounter: Encounter): Answer {
    const known = this.#known.get(keyOf(encounter));
    if (!known) throw new Error(`Never learnt: ${keyOf(encounter)}`);
    return known.answer;
  }
}

/** Groups of one kind of operation and, for claims, of one token; no poll sees another's due row. */
export function groupsOf(encounters: readonly Encounter[]): Encounter[][] {
  const groups = new Map<string, Encounter[]>();
  for (const encounter of encounters) {
    const { operation } = encounter;
    const { kind } = operation;
    const name = isClaim(operation) ? `${kind} ${operation.token}` : kind;
    const group = groups.get(name);
    if (group && kind !== 'poll') group.push(encounter);
    else groups.set(group ? `${name} ${groups.size}` : name, [encounter]);
  }
  return [...groups.values()];
}
