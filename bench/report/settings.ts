import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { BenchContext } from '../harness/bench-context.js';

const POSTGRES_SETTINGS = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
  'max_wal_size',
  'wal_level',
];

const MARIADB_SETTINGS = ['version', 'innodb_flush_log_at_trx_commit', 'innodb_buffer_pool_size', 'log_bin'];

/** What the figures depend on: the machine, and what the servers promise. */
export async function describeSettings({
  urls,
  options,
  nodePath,
}: BenchContext): Promise<Record<string, string>> {
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: execFileSync(nodePath, ['--version'], { encoding: 'utf8' }).trim(),
    ...(urls['postgres'] && { postgres: await describePostgres(urls['postgres']) }),
    ...(urls['mariadb'] && { mariadb: await describeMariadb(urls['mariadb']) }),
    runs: String(options.runs),
    programs: String(options.programs),
    'our concurrency': String(options.concurrency ?? 'default'),
  };
}

async function describePostgres(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ setting: string }>(
      `SELECT name || ' ' || current_setting(name) AS setting FROM pg_settings WHERE name = ANY($1)`,
      [POSTGRES_SETTINGS],
    );
    return rows.map(({ setting }) => setting).join(', ');
  } finally {
    await client.end();
  }
}

async function describeMariadb(url: string): Promise<string> {
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query('SHOW VARIABLES WHERE Variable_name IN (?)', [MARIADB_SETTINGS]);
    return (rows as Record<string, string>[]).map((row) => Object.values(row).join(' ')).join(', ');
  } finally {
    await connection.end();
  }
}
