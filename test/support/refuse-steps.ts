import type { Knex } from 'knex';
import type { DatabaseKind } from './databases.js';

/** Makes the database refuse every further step of one program. */
export async function refuseSteps(
  knex: Knex,
  kind: DatabaseKind,
  table: string,
  runId: string,
): Promise<void> {
  const when = `new.run_id = '${runId}' and new.step > 0`;
  const statements = {
    postgres: `alter table ${table} add constraint ${table}_bad check (run_id <> '${runId}' or step = 0)`,
    mysql: `create trigger ${table}_bad before update on ${table} for each row begin
      if ${when} then signal sqlstate '45000' set message_text = 'bad row'; end if; end`,
    sqlite: `create trigger ${table}_bad before update on ${table} when ${when}
      begin select raise(abort, 'constraint failed'); end`,
  };
  await knex.raw(statements[kind]);
}

/** Ends `refuseSteps`; does nothing where nothing is refused. */
export async function acceptSteps(knex: Knex, kind: DatabaseKind, table: string): Promise<void> {
  await knex.raw(
    kind === 'postgres'
      ? `alter table ${table} drop constraint if exists ${table}_bad`
      : `drop trigger if exists ${table}_bad`,
  );
}
