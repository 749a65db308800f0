import type { Knex } from 'knex';
import { sqlTermsOf } from '../../../src/program-handler/dialects/sql-terms.js';
import type { DatabaseKind } from '../../support/databases.js';

const COLUMNS = 'run_id, step, fence, finished, errored, retries, losses, claimed_by, at_ms';
const VALUES = `new.run_id, new.step, new.fence, new.finished_at is not null, new.errored_at is not null,
  new.step_retry_count, new.lost_count, new.claimed_by`;
const KNEX_DIALECTS = { postgres: 'postgresql', mysql: 'mysql', sqlite: 'sqlite3' } as const;

/** Makes the database itself write down every version of every program, in `<table>_audit`. */
export async function installAuditTriggers(knex: Knex, kind: DatabaseKind, table: string): Promise<void> {
  await knex.schema.createTable(`${table}_audit`, (t) => {
    t.bigIncrements('seq');
    t.string('run_id', 255).notNullable();
    for (const count of ['step', 'retries', 'losses']) t.integer(count).notNullable();
    for (const long of ['fence', 'at_ms']) t.bigInteger(long).notNullable();
    for (const flag of ['finished', 'errored']) t.boolean(flag).notNullable();
    t.string('claimed_by', 255).nullable();
  });
  for (const statement of STATEMENTS[kind](table)) await knex.raw(statement);
}

export async function removeAudit(knex: Knex, kind: DatabaseKind, table: string): Promise<void> {
  await knex.schema.dropTableIfExists(`${table}_audit`);
  if (kind === 'postgres') await knex.raw(`drop function if exists ${table}_audit() cascade`);
}

const STATEMENTS: Record<DatabaseKind, (table: string) => string[]> = {
  postgres: (table) => [
    `create function ${table}_audit() returns trigger language plpgsql as $$ begin
       ${insertVersion('postgres', table)};
       return null;
     end $$`,
    `create trigger ${table}_audit after insert or update on ${table}
     for each row execute function ${table}_audit()`,
  ],
  mysql: (table) => triggers(table, insertVersion('mysql', table)),
  sqlite: (table) => triggers(table, `begin ${insertVersion('sqlite', table)}; end`),
};

function insertVersion(kind: DatabaseKind, table: string): string {
  const { nowMs } = sqlTermsOf(KNEX_DIALECTS[kind]);
  return `insert into ${table}_audit (${COLUMNS}) values (${VALUES}, ${nowMs})`;
}

function triggers(table: string, body: string): string[] {
  return ['insert', 'update'].map(
    (event) => `create trigger ${table}_audit_${event} after ${event} on ${table} for each row ${body}`,
  );
}
