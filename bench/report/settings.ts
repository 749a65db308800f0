import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect } from 'amqplib';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { ServerName } from '../../test/support/servers/description.js';
import { PEERS_FOLDER } from '../contenders/peers.js';
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

const DESCRIBE: Partial<Record<ServerName, (url: string) => Promise<string>>> = {
  postgres: describePostgres,
  mariadb: describeMariadb,
  rabbitmq: describeRabbitmq,
  redis: describeRedis,
};

/** What the figures depend on: the machine, and what the servers that are used promise. */
export async function describeSettings(
  { urls, options, nodePath }: BenchContext,
  servers: readonly ServerName[],
): Promise<Record<string, string>> {
  const described: Record<string, string> = {};
  for (const name of servers) described[name] = (await DESCRIBE[name]?.(urls[name] ?? '')) ?? '';
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: execFileSync(nodePath, ['--version'], { encoding: 'utf8' }).trim(),
    ...described,
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

/** The broker tells clients no more than its version. */
async function describeRabbitmq(url: string): Promise<string> {
  const connection = await connect(url);
  const { version } = connection.connection.serverProperties;
  await connection.close();
  return `version ${version}`;
}

/** Only the peers have a client for it. */
async function describeRedis(url: string): Promise<string> {
  const module = pathToFileURL(join(PEERS_FOLDER, 'support', 'redis.mjs')).href;
  const { describeRedis: describe } = (await import(module)) as {
    describeRedis: (url: string) => Promise<string>;
  };
  return describe(url);
}
