import type { Transition } from '../../program/transition.js';
import type { Claim } from './dialect.js';

type Value = number | string | null;

/** A field of the input rows: its type, and its value for one of them. */
interface Column<Item> {
  readonly type: string;
  of(item: Item): Value;
}

type Columns<Item> = Readonly<Record<string, Column<Item>>>;

const CLAIM_COLUMNS: Columns<Claim> = {
  id: { type: 'bigint', of: ({ id }) => id },
  fence: { type: 'bigint', of: ({ fence }) => fence },
  holder: { type: 'text', of: ({ claimedBy }) => claimedBy },
};

const TRANSITION_COLUMNS: Columns<Transition> = {
  ...CLAIM_COLUMNS,
  step: { type: 'int', of: ({ step }) => step },
  next_step: { type: 'int', of: ({ nextStep }) => nextStep },
  retries: { type: 'int', of: ({ stepRetryCount }) => stepRetryCount },
  ended: { type: 'text', of: ({ end }) => end },
  message: { type: 'text', of: ({ errorMessage }) => errorMessage },
  lost_count: { type: 'int', of: ({ lostCount }) => lostCount },
  released: { type: 'int', of: ({ release }) => (release ? 1 : 0) },
  delay_ms: { type: 'bigint', of: ({ delayMs }) => delayMs },
  job: { type: 'text', of: ({ attempt }) => attempt?.job ?? null },
  attempt: { type: 'int', of: ({ attempt }) => attempt?.attempt ?? null },
  outcome: { type: 'text', of: ({ attempt }) => attempt?.outcome ?? null },
  worker: { type: 'text', of: ({ attempt }) => attempt?.worker ?? null },
  duration_ms: { type: 'bigint', of: ({ attempt }) => attempt && Math.round(attempt.durationMs) },
  error: { type: 'text', of: ({ attempt }) => attempt?.error ?? null },
  result: { type: 'text', of: ({ attempt }) => attempt?.result ?? null },
};

export const CLAIM_ROWS = rowsFrom(CLAIM_COLUMNS);
export const TRANSITION_ROWS = rowsFrom(TRANSITION_COLUMNS);

export function claimArrays(claims: readonly Claim[]): string[] {
  return arraysOf(CLAIM_COLUMNS, claims);
}

export function transitionArrays(changes: readonly Transition[]): string[] {
  return arraysOf(TRANSITION_COLUMNS, changes);
}

/** The input rows as a table: one array parameter for each column. */
function rowsFrom(columns: Columns<never>): string {
  const arrays = Object.values(columns).map(({ type }) => `?::${type}[]`);
  return `unnest(${arrays.join(', ')}) as i(${Object.keys(columns).join(', ')})`;
}

/** In the order of their ids: so groups of several connections lock their common rows in the same order. */
function arraysOf<Item extends Claim>(columns: Columns<Item>, items: readonly Item[]): string[] {
  const sorted = items.toSorted((a, b) => a.id - b.id);
  return Object.values(columns).map((column) => arrayLiteral(sorted.map((item) => column.of(item))));
}

/** The text of an array parameter. pg would do it as well, at ten times the cost. */
function arrayLiteral(values: readonly Value[]): string {
  return `{${values.map((value) => (typeof value === 'string' ? quoted(value) : (value ?? 'NULL'))).join(',')}}`;
}

function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;
}
