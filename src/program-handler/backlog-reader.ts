import type { Knex } from 'knex';
import type { TableNames } from './dialects/dialect.js';
import type { SqlTerms } from './dialects/sql-terms.js';
import { waitOf, type Row } from './rows.js';
import type { WorkerRegistry } from './worker-registry.js';

/** Waiting programs are counted up to this, so that counting stays cheap whatever waits. */
const MOST_COUNTED = 10_000;

/** What is due and no worker has taken yet. */
export interface Backlog {
  /** Programs; at 10,000 there may be more. */
  readonly programs: number;
  /** For how long the oldest has been due, in milliseconds; 0 without a backlog. */
  readonly oldestAgeMs: number;
}

/** Looks at what is due, along the index on `due_at`. */
export class BacklogReader {
  readonly #knex: Knex;
  readonly #programs: string;
  readonly #terms: SqlTerms;
  readonly #registry: WorkerRegistry;

  constructor(knex: Knex, tables: TableNames, terms: SqlTerms, registry: WorkerRegistry) {
    this.#knex = knex;
    this.#programs = tables.programs;
    this.#terms = terms;
    this.#registry = registry;
  }

  /** The backlog, for the worker whose turn it is; the others get undefined, for next to nothing. */
  async readFor(workerId: string): Promise<Backlog | undefined> {
    const rows = await this.query(workerId);
    const turn = rows[0]?.['turn'];
    if (turn !== null && turn !== workerId) return undefined;
    return { programs: Number(rows[0]?.['programs'] ?? 0), oldestAgeMs: waitOf(rows) ?? 0 };
  }

  /** One row. */
  query(workerId: string): Knex.QueryBuilder<object, Row[]> {
    const { nowMs } = this.#terms;
    const due = this.#knex(this.#programs)
      .whereNull('finished_at')
      .whereNull('errored_at')
      .where('due_at', '<=', this.#knex.raw(nowMs))
      .where((query) =>
        query.whereNull('claimed_until').orWhere('claimed_until', '<=', this.#knex.raw(nowMs)),
      )
      .modify(this.#registry.whileTurnOf(workerId))
      .orderBy('due_at')
      .limit(MOST_COUNTED)
      .select('due_at');
    return this.#knex
      .from(due.as('due'))
      .select<Row[]>(
        this.#knex.raw('count(*) as programs'),
        this.#knex.raw(`${nowMs} - min(due_at) as wait_ms`),
        this.#registry.turn().as('turn'),
      );
  }
}
