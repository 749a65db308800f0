import { rmSync } from 'node:fs';
import { connect } from 'amqplib';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { tablesOf } from '../../../migrations/index.js';
import type { DriverSettings } from '../driver.js';
import { databasePathOf, queueOf, tableOf } from './names.js';

/** Leaves nothing of a run behind. */
export async function removeOurs(settings: DriverSettings): Promise<void> {
  const { urls, options } = settings;
  if (options['db'] === 'sqlite') removeFile(databasePathOf(settings));
  else if (options['db'] === 'mariadb') await dropInMariadb(urls['mariadb'] ?? '', dropSql(settings));
  else await dropInPostgres(urls['postgres'] ?? '', dropSql(settings));
  if (options['broker'] === 'rabbitmq') await deleteQueue(urls['rabbitmq'] ?? '', queueOf(settings));
}

function dropSql(settings: DriverSettings): string {
  const tables = Object.values({ ...tablesOf(tableOf(settings)) });
  return `DROP TABLE IF EXISTS ${tables.join(', ')}`;
}

function removeFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}

async function dropInMariadb(url: string, sql: string): Promise<void> {
  const connection = await createConnection(url);
  await connection.query(sql).finally(() => connection.end());
}

async function dropInPostgres(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

async function deleteQueue(url: string, queue: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(queue);
  await connection.close();
}
