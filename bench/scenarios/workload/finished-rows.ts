import pg from 'pg';
import { tableOf } from '../../drivers/ours/names.js';
import type { DriverSettings } from '../../drivers/driver.js';

/** Fills the table with copies of a finished program and of its attempts, as a long life would. */
export async function addFinishedRows(settings: DriverSettings, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: settings.urls['postgres'] ?? '' });
  await client.connect();
  try {
    await copyPrograms(client, tableOf(settings), count);
    await copyAttempts(client, tableOf(settings), count);
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

async function copyPrograms(client: pg.Client, table: string, count: number): Promise<void> {
  const columns = await columnsOf(client, table, ['id', 'run_id']);
  await client.query(
    `INSERT INTO ${table} (run_id, ${columns})
     SELECT gen_random_uuid(), ${columns}
     FROM (SELECT * FROM ${table} WHERE finished_at IS NOT NULL LIMIT 1) AS one, generate_series(1, ${count})`,
  );
}

async function copyAttempts(client: pg.Client, table: string, count: number): Promise<void> {
  const columns = await columnsOf(client, `${table}_attempts`, ['id', 'program_id']);
  await client.query(
    `INSERT INTO ${table}_attempts (program_id, ${columns})
     SELECT new.id, ${columns}
     FROM (SELECT id FROM ${table} ORDER BY id DESC LIMIT ${count}) AS new,
       (SELECT * FROM ${table}_attempts
        WHERE program_id = (SELECT min(program_id) FROM ${table}_attempts)) AS steps`,
  );
}

async function columnsOf(client: pg.Client, table: string, without: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name = $1 AND column_name <> ALL($2)`,
    [table, without],
  );
  return rows.map(({ name }) => name).join(', ');
}
