import type { Knex } from 'knex';
import { readProperty } from '../../errors/index.js';
import type { Row } from '../rows.js';
import { inTransaction, orRolledBack, type Session } from './mysql-session.js';

/** A statement, or a block of them, and what is bound to its question marks. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The same transaction, written in two ways. */
export interface TwoWays<T> {
  /** As a block that begins and ends the transaction, for MariaDB. */
  readonly block: Statement;
  /** What the rows that the block selects mean. */
  read(rows: Row[]): T;
  /** One statement after the other, for MySQL, within a transaction; undefined rolls it back. */
  step(session: Session): Promise<T>;
}

/**
 * Runs transactions in a single round trip where the server can: a busy process may take longer to read a
 * reply than the server took to make it. MariaDB can; MySQL knows such blocks in stored procedures only.
 */
export class Transactions {
  readonly #knex: Knex;
  #takesBlocks: boolean;

  constructor(knex: Knex) {
    this.#knex = knex;
    this.#takesBlocks = !knex.isTransaction;
  }

  async run<T>({ block, read, step }: TwoWays<T>): Promise<T> {
    if (!this.#takesBlocks) return inTransaction(this.#knex, step);
    try {
      const { rows } = await orRolledBack(this.#knex, (session) => session.execute(block.text, block.values));
      return read(rows);
    } catch (error) {
      if (readProperty(error, 'code') !== 'ER_PARSE_ERROR') throw error;
      this.#takesBlocks = false;
      return inTransaction(this.#knex, step);
    }
  }
}
