import type { Knex } from 'knex';
import type { DatabaseKind } from '../../support/databases.js';

const COLUMNS = 'run_id, step, fence, finished, errored, retries, losses, claimed_by';
const VALUES = `new.run_id, new.step, new.fence, new.finished_at is not null, new.errored_at is not null,
  new.step_retry_count, new.lost_count, new.claimed_by`;

/** Makes the database itself write down every version of every program, in `<table>_audit`. */
export async function installAuditTriggers(knex: Knex, kind: DatabaseKind, table: string): Promise<void> {
  await knex.schema.createTable(`${table}_audit`, (t) => {
    t.bigIncrements('seq');
    t.string('run_id', 255).notNullable();
    for (const count of ['step', 'retries', 'losses']) t.integer(count).notNullable();
    t.bigInteger('fence').notNullable();
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
       insert into ${table}_audit (${COLUMNS}) values (${VALUES});
       return null;
     end $$`,
    `create trigger ${table}_audit after insert or update on ${table}
     for each row execute function ${table}_audit()`,
  ],
  mysql: (table) => triggers(table, (insert) => insert),
  sqlite: (table) => triggers(table, (insert) => `begin ${insert}; end`),
};

function triggers(table: string, body: (insert: string) => string): string[] {
  const insert = `insert into ${table}_audit (${COLUMNS}) values (${VALUES})`;
  return ['insert', 'update'].map(
    (event) =>
      `create trigger ${table}_audit_${event} after ${event} on ${table} for each row ${body(insert)}`,
  );
}
