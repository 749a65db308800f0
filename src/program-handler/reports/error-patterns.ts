/** Errors of one kind: their messages are the same but for ids and numbers. */
export interface ErrorPattern {
  readonly pattern: string;
  readonly count: number;
  /** One of the messages, as it is. */
  readonly example: string;
}

const UUID = /\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b/gi;
/** Hashes and object ids: eight digits or more, of which one at least is a letter, and one is none. */
const HEXADECIMAL = /\b(?:0x)?(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{8,}\b/gi;
const NUMBER = /\d+(?:\.\d+)?/g;

export function patternOf(message: string): string {
  return message.replaceAll(UUID, '<id>').replaceAll(HEXADECIMAL, '<id>').replaceAll(NUMBER, '<n>');
}

/** Counts errors by their patterns. */
export class ErrorGroups {
  readonly #groups = new Map<string, ErrorPattern>();
  readonly #mostPatterns: number;

  /** @param mostPatterns that are told apart, as all of them are kept: errors of further ones are `other messages` */
  constructor(mostPatterns = 100_000) {
    this.#mostPatterns = mostPatterns;
  }

  add(message: string, count: number): void {
    const pattern = this.#keyOf(patternOf(message));
    const known = this.#groups.get(pattern);
    const example = known?.example ?? message;
    this.#groups.set(pattern, { pattern, count: (known?.count ?? 0) + count, example });
  }

  /** The most frequent patterns first; those that are as frequent by name. */
  top(limit: number): ErrorPattern[] {
    return [...this.#groups.values()]
      .sort((a, b) => b.count - a.count || (a.pattern < b.pattern ? -1 : 1))
      .slice(0, limit);
  }

  #keyOf(pattern: string): string {
    return this.#groups.has(pattern) || this.#groups.size < this.#mostPatterns ? pattern : OTHERS;
  }
}

const OTHERS = 'other messages';
