import type { Row } from '../rows.js';

/**
 * What a statement answers with: its rows, or one row that says in `changes` how many it changed, or nothing. A
 * setting has its effect when it is prepared, so it is prepared each time.
 */
type Answer = 'rows' | 'changes' | 'nothing' | 'setting';

/** One SQL text with the values of its `?`. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly answer: Answer;
}

/**
 * Statements one after the other, each of which may depend on the answers before it. Who runs them decides
 * whether they run at once, on a driver that can, or one by one through knex.
 */
export type Statements<T> = Generator<Statement, T, readonly Row[]>;

export function reading(text: string, values: readonly unknown[] = []): Statement {
  return { text, values, answer: 'rows' };
}

/** A write that may find its guard broken. */
export function changing(text: string, values: readonly unknown[]): Statement {
  return { text, values, answer: 'changes' };
}

export function doing(text: string, values: readonly unknown[] = []): Statement {
  return { text, values, answer: 'nothing' };
}

export function setting(text: string): Statement {
  return { text, values: [], answer: 'setting' };
}

/** Whether a `changing` statement changed anything. */
export function isChanged([answer]: readonly Row[]): boolean {
  return Number(answer?.['changes']) > 0;
}

/**
 * In a transaction that takes the write lock at its start. knex begins SQLite transactions deferred: those
 * may fail half-way, when another process wrote since their first read.
 */
export function* committed<T>(statements: Statements<T>): Statements<T> {
  yield* beginning();
  try {
    const result = yield* statements;
    yield* committing();
    return result;
  } catch (error) {
    yield* rolledBack();
    throw error;
  }
}

export function* beginning(): Statements<void> {
  yield doing('begin immediate');
}

export function* committing(): Statements<void> {
  yield doing('commit');
}

/** After some errors SQLite has rolled back already; the first error is the one worth reporting. */
export function* rolledBack(): Statements<void> {
  try {
    yield doing('rollback');
  } catch {
    return;
  }
}
