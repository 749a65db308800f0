import type { Knex } from 'knex';
import type { DatabaseKind } from '../../support/databases.js';

/** A program's row as it was when it was deleted. */
export interface Grave {
  readonly runId: string;
  readonly finished: boolean;
  readonly errored: boolean;
}

/** What was deleted of a scenario's table, as the database itself wrote it down. */
export interface Graveyard {
  readonly programs: readonly Grave[];
  /** How often attempts said that a step had succeeded, by `runId:step`. */
  readonly successes: ReadonlyMap<string, number>;
  /** Attempts that were deleted while their program had not ended. */
  readonly robbed: number;
}

const COLUMNS = {
  '': `id, run_id, finished, errored`,
  _attempts: `program_id, step, outcome, was_ended`,
} as const;

/** Makes the database write down every row of a program or an attempt that is deleted. */
export async function digGraves(knex: Knex, kind: DatabaseKind, table: string): Promise<void> {
  await knex.schema.createTable(`${table}_graves`, (t) => {
    t.bigInteger('id').notNullable();
    t.string('run_id', 255).notNullable();
    for (const flag of ['finished', 'errored']) t.boolean(flag).notNullable();
  });
  await knex.schema.createTable(`${table}_attempts_graves`, (t) => {
    t.bigInteger('program_id').notNullable();
    t.integer('step').notNullable();
    t.string('outcome', 32).notNullable();
    t.boolean('was_ended').nullable();
  });
  const wasEnded = `(select finished_at is not null or errored_at is not null from ${table} where id = old.program_id)`;
  const values = {
    '': `old.id, old.run_id, old.finished_at is not null, old.errored_at is not null`,
    _attempts: `old.program_id, old.step, old.outcome, ${wasEnded}`,
  };
  for (const suffix of ['', '_attempts'] as const) {
    const name = table + suffix;
    const bury = `insert into ${name}_graves (${COLUMNS[suffix]}) values (${values[suffix]})`;
    for (const statement of triggerOn(kind, name, bury)) await knex.raw(statement);
  }
}

function triggerOn(kind: DatabaseKind, table: string, statement: string): string[] {
  const trigger = `create trigger ${table}_graves after delete on ${table} for each row`;
  if (kind === 'mysql') return [`${trigger} ${statement}`];
  if (kind === 'sqlite') return [`${trigger} begin ${statement}; end`];
  const body = `begin ${statement}; return null; end`;
  return [
    `create function ${table}_graves() returns trigger language plpgsql as $$ ${body} $$`,
    `${trigger} execute function ${table}_graves()`,
  ];
}

export async function removeGraves(knex: Knex, kind: DatabaseKind, table: string): Promise<void> {
  for (const name of [table, `${table}_attempts`]) {
    await knex.schema.dropTableIfExists(`${name}_graves`);
    if (kind === 'postgres') await knex.raw(`drop function if exists ${name}_graves() cascade`);
  }
}

export async function readGraves(knex: Knex, table: string): Promise<Graveyard> {
  const programs: any[] = await knex(`${table}_graves`);
  const attempts: any[] = await knex(`${table}_attempts_graves`);
  const runIds = new Map(programs.map(({ id, run_id: runId }) => [Number(id), String(runId)]));
  const successes = new Map<string, number>();
  for (const { program_id: id, step, outcome } of attempts) {
    const key = `${runIds.get(Number(id))}:${step}`;
    if (outcome === 'succeeded') successes.set(key, (successes.get(key) ?? 0) + 1);
  }
  return {
    programs: programs.map((row) => ({
      runId: String(row.run_id),
      finished: Boolean(row.finished),
      errored: Boolean(row.errored),
    })),
    successes,
    robbed: attempts.filter(({ was_ended: wasEnded }) => wasEnded === false || wasEnded === 0).length,
  };
}
