import type { Knex } from 'knex';
import type { TableNames } from './dialects/dialect.js';
import type { SqlTerms } from './dialects/sql-terms.js';
import { isWaiting } from './lines/line-tables.js';
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

/** Looks at what is due, along the indexes that claims use. */
export class BacklogReader {
  readonly #knex: Knex;
  readonly #tables: TableNames;
  readonly #terms: SqlTerms;
  readonly #registry: WorkerRegistry;

  constructor(knex: Knex, tables: TableNames, terms: SqlTerms, registry: WorkerRegistry) {
    this.#knex = knex;
    this.#tables = tables;
    this.#terms = terms;
    this.#registry = registry;
  }

  /** The backlog, for the worker whose turn it is; the others get undefined, for next to nothing. */
  async readFor(workerId: string): Promise<Backlog | undefined> {
    const rows = await this.query(workerId);
    const turn = rows[0]?.['turn'];
    if (turn !== null && turn !== workerId) return undefined;
    const programs = Math.min(MOST_COUNTED, Number(rows[0]?.['programs'] ?? 0));
    return { programs, oldestAgeMs: waitOf(rows) ?? 0 };
  }

  /** One row. */
  query(workerId: string): Knex.QueryBuilder<object, Row[]> {
    const whileTurn = this.#registry.whileTurnOf(workerId);
    const plain = this.#plain().modify(whileTurn).orderBy('due_at').limit(MOST_COUNTED);
    const lined = this.#lined().modify(whileTurn).limit(MOST_COUNTED);
    const due = this.#knex
      .from(plain.as('plain'))
      .select('due_at')
      .unionAll(this.#knex.from(lined.as('lined')).select('due_at'));
    return this.#knex
      .from(due.as('due'))
      .select<Row[]>(
        this.#knex.raw('count(*) as programs'),
        this.#knex.raw(`${this.#terms.nowMs} - min(due_at) as wait_ms`),
        this.#registry.turn().as('turn'),
      );
  }

  #plain(): Knex.QueryBuilder {
    const now = this.#knex.raw(this.#terms.nowMs);
    return this.#unended()
      .where('due_at', '<=', now)
      .where((query) => query.whereNull('claimed_until').orWhere('claimed_until', '<=', now))
      .select('due_at');
  }

  /** Line after line, as what waits is in the index of its line. */
  #lined(): Knex.QueryBuilder {
    return this.#unended()
      .join(`${this.#tables.lines} as l`, 'l.id', 'p.line_id')
      .where('ready_at', '<=', this.#knex.raw(this.#terms.nowMs))
      .whereRaw(isWaiting('p.'))
      .select('ready_at as due_at');
  }

  #unended(): Knex.QueryBuilder {
    return this.#knex(`${this.#tables.programs} as p`).whereNull('finished_at').whereNull('errored_at');
  }
}
