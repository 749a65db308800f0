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

/** The most frequent patterns first; those that are as frequent by name. */
export function groupErrors(
  messages: readonly { readonly message: string; readonly count: number }[],
  limit: number,
): ErrorPattern[] {
  const groups = new Map<string, ErrorPattern>();
  for (const { message, count } of messages) {
    const pattern = patternOf(message);
    const known = groups.get(pattern);
    groups.set(pattern, { pattern, count: (known?.count ?? 0) + count, example: known?.example ?? message });
  }
  return [...groups.values()]
    .sort((a, b) => b.count - a.count || (a.pattern < b.pattern ? -1 : 1))
    .slice(0, limit);
}
