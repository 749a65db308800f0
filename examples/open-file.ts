import type { Knex } from 'knex';
import { checkConfig, openDatabase } from '../src/config/index.js';
import { createLogger } from '../src/telemetry/logger.js';

/** A connection of an example's own to the executor's file, with the same driver. */
export function openFile(databasePath: string): Knex {
  return openDatabase(checkConfig({ databasePath }), createLogger('program-executor-example')).knex;
}
