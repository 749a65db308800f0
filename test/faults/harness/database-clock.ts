import knexPackage, { type Knex } from 'knex';
import { urlOf, type TestDatabase } from '../../support/databases.js';
import type { Scenario } from './scenario.js';

const PARKED = Number.MAX_SAFE_INTEGER;

/** The clock of a scenario's database. */
export interface DatabaseClock {
  /** Sets it forward, or back where negative. */
  jump(byMs: number): Promise<void>;
}

/**
 * The clock of a server is not ours to set, so everything that it has written moves instead, the other way: what a
 * statement compares with its "now" is as far from it as after a jump.
 */
export function relativeClock({ knex, table }: Pick<Scenario, 'knex' | 'table'>): DatabaseClock {
  const back = (column: string, byMs: number): Knex.Raw => knex.raw('?? - ?', [column, byMs]);
  return {
    jump: async (byMs) => {
      const unended = (): Knex.QueryBuilder => knex(table).whereNull('finished_at').whereNull('errored_at');
      await unended()
        .whereNot('due_at', PARKED)
        .update({ due_at: back('due_at', byMs) });
      await unended()
        .whereNotNull('claimed_until')
        .update({ claimed_until: back('claimed_until', byMs) });
    },
  };
}

/** A PostgreSQL whose own clock function is hidden, for all who connect here, by one that reads how wrong it is. */
export class ShiftedPostgres implements DatabaseClock {
  /** To connect to, in a time zone. */
  readonly database: TestDatabase;
  readonly #schema: string;
  readonly #knex: Knex;

  private constructor(original: TestDatabase, timeZone: string) {
    this.#schema = `clock_${original.uniqueTable()}`;
    this.#knex = knexPackage({ ...original.createKnexConfig(), pool: { min: 0, max: 1 } });
    const url = new URL(urlOf(original));
    url.searchParams.set(
      'options',
      `-c search_path=${this.#schema},pg_catalog,public -c TimeZone=${timeZone}`,
    );
    const config = { client: 'pg', connection: url.href };
    this.database = { ...original, createKnexConfig: () => config };
  }

  static async open(original: TestDatabase, byMs = 0, timeZone = 'UTC'): Promise<ShiftedPostgres> {
    const shifted = new ShiftedPostgres(original, timeZone);
    await shifted.#create(byMs);
    return shifted;
  }

  async jump(byMs: number): Promise<void> {
    await this.#knex.raw(`update ${this.#schema}.shift set ms = ms + ?`, [byMs]);
  }

  async close(): Promise<void> {
    await this.#knex.raw(`drop schema ${this.#schema} cascade`);
    await this.#knex.destroy();
  }

  async #create(byMs: number): Promise<void> {
    await this.#knex.raw(`
      create schema ${this.#schema};
      create table ${this.#schema}.shift as select ${Math.round(byMs)}::bigint as ms;
      create function ${this.#schema}.statement_timestamp() returns timestamptz stable language sql as $$
        select pg_catalog.statement_timestamp() + (select ms from ${this.#schema}.shift) * interval '1 millisecond'
      $$`);
  }
}
