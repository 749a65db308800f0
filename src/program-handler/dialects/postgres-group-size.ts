/**
 * PostgreSQL supposes so many elements in an array that it does not know yet. For fewer it finds the plan that
 * it keeps dearer than one made for the occasion, and plans each time: that takes longer than the statement.
 * So smaller groups have statements of their own, by which it knows how many there are.
 */
const SUPPOSED_ELEMENTS = 10;

/** A text made once for each size of group below that, and once for all others. */
export function bySize(textFor: (count: number) => string): (count: number) => string {
  const texts = Array.from({ length: SUPPOSED_ELEMENTS + 1 }, (_, count) => textFor(count));
  return (count) => texts[Math.min(count, SUPPOSED_ELEMENTS)] as string;
}

/** The rows that come from arrays, of which there are `count`. */
export function rowsCounted(rows: string, count: number): string {
  return count < SUPPOSED_ELEMENTS ? `(select * from ${rows} limit ${count}) i` : rows;
}

/** That a text is one of the next `count` values, which `oneOf` gives. */
export function isOneOf(count: number): string {
  return count < SUPPOSED_ELEMENTS ? `in (${Array(count).fill('?').join(', ')})` : '= any(?::text[])';
}

export function oneOf(texts: readonly string[]): unknown[] {
  return texts.length < SUPPOSED_ELEMENTS ? [...texts] : [[...texts]];
}
