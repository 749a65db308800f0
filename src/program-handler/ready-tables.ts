import type { Knex } from 'knex';
import { isSqlite } from '../../migrations/migration.js';
import type { Logger } from '../telemetry/logger.js';
import type { TableNames } from './dialects/dialect.js';
import { isUpToDate, updateSchema } from './schema.js';

export interface ReadyTablesOptions {
  /** False: they are expected to be there. */
  readonly createTable: boolean;
  readonly logger: Logger;
}

/** Creates or completes the tables before they are first used, once for each executor. */
export class ReadyTables {
  readonly #knex: Knex;
  readonly #tables: TableNames;
  readonly #options: ReadyTablesOptions;
  #readying: Promise<unknown> | undefined;
  #areReady = false;

  constructor(knex: Knex, tables: TableNames, options: ReadyTablesOptions) {
    this.#knex = knex;
    this.#tables = tables;
    this.#options = options;
  }

  async ensure(): Promise<void> {
    if (!this.#options.createTable) return;
    this.#readying ??= updateSchema(this.#knex, this.#tables, this.#options.logger);
    try {
      await this.#readying;
      this.#areReady = true;
    } catch (error) {
      this.#readying = undefined;
      throw error;
    }
  }

  /**
   * By the caller's own connection where that will do: all others may be held by transactions that wait for this as
   * well. SQLite has no other, so what is missing is created within the transaction there.
   */
  async ensureWithin(trx: Knex.Transaction): Promise<void> {
    if (this.#areReady || !this.#options.createTable) return;
    if (isSqlite(this.#knex)) await updateSchema(trx, this.#tables, this.#options.logger);
    else if (await isUpToDate(trx, this.#tables)) this.#areReady = true;
    else await this.ensure();
  }
}
