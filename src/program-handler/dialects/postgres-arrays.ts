import type { Transition } from '../../program/transition.js';
import type { Claim } from './dialect.js';

/** A field of the input rows: its type, and its value for one of them. */
interface Column<Item> {
  readonly type: string;
  of(item: Item): unknown;
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

export function claimArrays(claims: readonly Claim[]): unknown[][] {
  return arraysOf(CLAIM_COLUMNS, claims);
}

export function transitionArrays(changes: readonly Transition[]): unknown[][] {
  return arraysOf(TRANSITION_COLUMNS, changes);
}

/** The input rows as a table: one array parameter for each column. */
function rowsFrom(columns: Columns<never>): string {
  const arrays = Object.values(columns).map(({ type }) => `?::${type}[]`);
  return `unnest(${arrays.join(', ')}) as i(${Object.keys(columns).join(', ')})`;
}

/** In the order of their ids: so groups of several connections lock their common rows in the same order. */
function arraysOf<Item extends Claim>(columns: Columns<Item>, items: readonly Item[]): unknown[][] {
  const sorted = items.toSorted((a, b) => a.id - b.id);
  return Object.values(columns).map((column) => sorted.map((item) => column.of(item)));
}
