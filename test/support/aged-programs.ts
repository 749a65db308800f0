import type { Knex } from 'knex';
import type { ProgramExecutor } from '../../index.js';

export const DAY_MS = 86_400_000;

/** How a program of a test stands. */
export interface Aged {
  readonly end?: 'finished' | 'errored';
  /** Since its end, and since its creation too. */
  readonly daysAgo?: number;
  readonly attempts?: number;
  /** As the older library left it. */
  readonly isTakenOver?: boolean;
}

const PARKED = 9_007_199_254_740_991;

/** Creates programs and makes them look as if they had been created, and had ended, long ago. */
export async function createAged(
  executor: ProgramExecutor,
  knex: Knex,
  table: string,
  programs: readonly Aged[],
): Promise<string[]> {
  const runIds = await executor.createPrograms(programs.map(() => ({ jobs: ['a'] })));
  for (const [index, program] of programs.entries()) await age(knex, table, runIds[index]!, program);
  return runIds;
}

async function age(
  knex: Knex,
  table: string,
  runId: string,
  { end, daysAgo = 0, attempts = 1, isTakenOver }: Aged,
): Promise<void> {
  const at = timestamp(knex, daysAgo * DAY_MS);
  const row = await knex(table).where({ run_id: runId }).first('id');
  await knex(table)
    .where({ run_id: runId })
    .update({
      created_at: at,
      ...(end && { [`${end}_at`]: at }),
      // Far from due: no worker is to run it.
      ...(isTakenOver ? { fence: 0, due_at: PARKED } : { fence: 1, due_at: PARKED - 1 }),
    });
  await insertAttempts(knex, table, Number((row as { id: unknown }).id), attempts);
}

export async function insertAttempts(
  knex: Knex,
  table: string,
  programId: number,
  count: number,
): Promise<void> {
  const attempt = { program_id: programId, step: 0, job: 'a', outcome: 'retried', worker: 'w' };
  const rows = Array.from({ length: count }, (_, index) => ({
    ...attempt,
    attempt: index + 1,
    started_at: 0,
    finished_at: 0,
  }));
  await knex.batchInsert(`${table}_attempts`, rows, 400);
}

/** A moment of the past as the timestamp columns have it, by this process's clock. */
function timestamp(knex: Knex, agoMs: number): unknown {
  const date = new Date(Date.now() - agoMs);
  const { dialect } = knex.client as { dialect: string };
  return dialect === 'sqlite3' ? date.toISOString().replace('T', ' ').replace('Z', '') : date;
}
