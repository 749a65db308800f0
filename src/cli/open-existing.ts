import { existsSync } from 'node:fs';
import type { Knex } from 'knex';
import {
  addressOf,
  checkConfig,
  closeDatabase,
  openExistingDatabase,
  type CheckedConfig,
  type ExecutorConfig,
} from '../config/index.js';
import { isSchemaMissing, Reports } from '../program-handler/reports/index.js';
import { ProgramExecutor } from '../program-executor.js';
import { createLogger } from '../telemetry/logger.js';
import type { Settings } from './open-executor.js';
import { resolveConfig } from './settings/resolve-config.js';

/** A database that is there already, for commands that create neither files nor tables. */
export interface Existing {
  readonly config: CheckedConfig;
  readonly executor: ProgramExecutor;
  readonly reports: Reports;
}

/**
 * Opens what the settings lead to for one piece of work, and closes it whatever comes of that.
 * @throws Error where the SQLite file or the tables are missing
 */
export async function withExisting<T>(
  settings: Settings<object>,
  work: (existing: Existing) => Promise<T>,
): Promise<T> {
  return withKnex(settings, async (knex, config) => {
    const missing = missingFile(knex);
    if (missing !== undefined) throw new Error(`There is no database file ${missing}`);
    const executor = executorOn(knex, config);
    try {
      return await work({ config, executor, reports: new Reports(knex, config.tableName) });
    } catch (error) {
      throw isSchemaMissing(error) ? explainMissing(config, error) : error;
    } finally {
      await executor.close();
    }
  });
}

/** The statements that would bring the tables up to date; a file that is not there is planned for as empty. */
export function planTables(settings: Settings<object>): Promise<string[]> {
  return withKnex(settings, async (knex, config) => {
    if (missingFile(knex) === undefined) return executorOn(knex, config).migrate({ dryRun: true });
    const inMemory = { ...settings, flags: { table: config.tableName, databasePath: ':memory:' } };
    return withKnex(inMemory, (empty) => executorOn(empty, config).migrate({ dryRun: true }));
  });
}

async function withKnex<T>(
  { file, flags }: Settings<object>,
  work: (knex: Knex, config: CheckedConfig) => Promise<T>,
): Promise<T> {
  const config = checkConfig(resolveConfig({ file, flags, env: process.env }));
  const { knex, isOwn } = openExistingDatabase(config, config.logger ?? createLogger('program-executor'));
  try {
    return await work(knex, config);
  } finally {
    if (isOwn) await closeDatabase(knex);
  }
}

/** On a pool that somebody else closes. */
function executorOn(knex: Knex, config: CheckedConfig): ProgramExecutor {
  const { databasePath: _, ...others } = config;
  return ProgramExecutor.create({ ...(others as ExecutorConfig), knex, createTable: false });
}

function missingFile(knex: Knex): string | undefined {
  const address = addressOf(knex);
  if (address?.kind !== 'sqlite' || existsSync(address.filename)) return undefined;
  return address.filename;
}

function explainMissing({ tableName }: CheckedConfig, cause: unknown): Error {
  const what = `The tables of ${tableName} are missing in this database, or not up to date`;
  return new Error(`${what}: run program-executor migrate`, { cause });
}
