import type { Knex } from 'knex';
import { tablesOf, type MigrationTables } from '../../../migrations/index.js';
import { ProgramExecutorError } from '../../errors/index.js';
import { sqlTermsOf, type SqlTerms } from '../dialects/sql-terms.js';

/** What every report reads from. */
export interface ReportSource {
  readonly knex: Knex;
  readonly tables: MigrationTables;
  readonly terms: SqlTerms;
  /** The name of the job at which the program `p` stands. */
  readonly currentJob: string;
}

/** A table that was taken over may have its jobs as json instead of jsonb. */
const CURRENT_JOB: Readonly<Record<string, string>> = {
  postgresql: 'p.jobs::jsonb ->> p.step',
  mysql: `json_unquote(json_extract(p.jobs, concat('$[', p.step, ']')))`,
  sqlite3: `json_extract(p.jobs, '$[' || p.step || ']')`,
};

/** @throws ProgramExecutorError PE_UNSUPPORTED_DATABASE where there are no reports for this kind of database */
export function reportSource(knex: Knex, tableName: string): ReportSource {
  const { dialect } = knex.client as { dialect: string };
  const currentJob = Object.hasOwn(CURRENT_JOB, dialect) ? CURRENT_JOB[dialect] : undefined;
  if (currentJob === undefined)
    throw new ProgramExecutorError('PE_UNSUPPORTED_DATABASE', `knex: there are no reports for "${dialect}"`);
  return { knex, tables: tablesOf(tableName), terms: sqlTermsOf(dialect), currentJob };
}
