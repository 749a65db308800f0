import type { Knex } from 'knex';
import { tablesOf, type MigrationTables } from '../../../migrations/index.js';
import { ProgramExecutorError } from '../../errors/index.js';
import { sqlTermsOf, type Fragment, type SqlTerms } from '../dialects/sql-terms.js';
import { programIdsOf } from '../lines/recent-claims.js';
import type { Row } from '../rows.js';

/** What every report reads from. */
export interface ReportSource {
  readonly knex: Knex;
  readonly tables: MigrationTables;
  readonly terms: SqlTerms;
  /** The name of the job at which the program `p` stands; null where its row does not tell. */
  readonly currentJob: string;
}

/**
 * Null where people have edited the row so that there is none: an error would take every other program with it.
 * A table that was taken over may have its jobs as json instead of jsonb; of both, PostgreSQL checks what is written.
 */
const CURRENT_JOB: Readonly<Record<string, string>> = {
  postgresql: `case when jsonb_typeof(p.jobs::jsonb) = 'array' and p.step >= 0 then p.jobs::jsonb ->> p.step end`,
  mysql:
    `case when json_valid(p.jobs) and json_type(p.jobs) = 'ARRAY' and p.step >= 0 ` +
    `then json_unquote(json_extract(p.jobs, concat('$[', p.step, ']'))) end`,
  sqlite3:
    `case when json_valid(p.jobs) and typeof(p.step) = 'integer' and p.step >= 0 ` +
    `then json_extract(p.jobs, '$[' || p.step || ']') end`,
};

/** @throws ProgramExecutorError PE_UNSUPPORTED_DATABASE where there are no reports for this kind of database */
export function reportSource(knex: Knex, tableName: string): ReportSource {
  const { dialect } = knex.client as { dialect: string };
  const currentJob = Object.hasOwn(CURRENT_JOB, dialect) ? CURRENT_JOB[dialect] : undefined;
  if (currentJob === undefined)
    throw new ProgramExecutorError('PE_UNSUPPORTED_DATABASE', `knex: there are no reports for "${dialect}"`);
  return { knex, tables: tablesOf(tableName), terms: sqlTermsOf(dialect), currentJob };
}

/** Names of tables as they stand in a text. */
export function quoted({ tables, terms }: ReportSource) {
  return { slots: terms.quote(tables.slots), programs: terms.quote(tables.programs), terms };
}

/** Ids of programs of recent claims. */
export async function recentIn({ knex, tables }: ReportSource): Promise<number[]> {
  return programIdsOf(await knex(tables.recentClaims).select<Row[]>('program_ids'));
}

/** A query of what a text stands for, in brackets and with a name. */
export function selectFrom({ knex }: ReportSource, { text, values }: Fragment): Knex.QueryBuilder {
  return knex.from(knex.raw(text, [...values] as Knex.Value[]));
}
