import type { Row } from '../rows.js';

/** Drivers give large numbers, and sums, as text. */
export function numberOr<T>(row: Row | undefined, column: string, empty: T): number | T {
  const value = row?.[column];
  return value === null || value === undefined ? empty : Number(value);
}

export function countOf(row: Row | undefined, column: string): number {
  return numberOr(row, column, 0);
}

/** A column of epoch milliseconds. */
export function dateOf(row: Row, column: string): Date | null {
  const epochMs = numberOr(row, column, null);
  return epochMs === null ? null : new Date(epochMs);
}
