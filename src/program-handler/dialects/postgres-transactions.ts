import type { Knex } from 'knex';
import type { Client } from 'pg';
import { cutSocket } from '../../cut-socket.js';
import { idsOf, type Row } from '../rows.js';
import type { GroupTransaction } from './dialect.js';
import { programsJson } from './postgres-json.js';
import { transitionArrays } from './postgres-arrays.js';
import { isPlanFault, type PreparedStatements } from './prepared-statements.js';
import { onRawConnection } from './raw-connection.js';

type Run = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** The texts that a transaction's own operations need. */
export interface TransactionSql {
  readonly insert: string;
  readonly insertLined: string;
  transition(count: number): string;
}

/**
 * Its statements know the rows they are after, and find them by an index. A plan that is made while a table is small
 * would read all of it instead, also when it has grown, or been left with thousands of dead rows, since. What has no
 * index is priced so high then that it would be compiled.
 */
const BEGIN = 'begin; set local enable_seqscan = off; set local jit = off';

/** Runs `work` in a transaction, once more where a plan turned out to be outdated. */
export function inPostgresTransaction<T>(
  knex: Knex,
  prepared: PreparedStatements,
  sql: TransactionSql,
  work: (trx: GroupTransaction) => Promise<T>,
): Promise<T> {
  const once = (connection: Client) =>
    committed(connection, () =>
      work(postgresTransaction((text, values) => prepared.runWithin(connection, text, values), sql)),
    );
  return onRawConnection(knex, async (connection: Client) => {
    try {
      return await once(connection);
    } catch (error) {
      if (!isPlanFault(error)) throw error;
      return once(connection);
    }
  });
}

async function committed<T>(connection: Client, work: () => Promise<T>): Promise<T> {
  await connection.query(BEGIN);
  try {
    const result = await work();
    await connection.query('commit');
    return result;
  } catch (error) {
    // What cannot be rolled back must not go back to the pool as it is.
    await connection.query('rollback').catch(() => cutSocket(connection));
    throw error;
  }
}

/** The operations of a transaction whose statements `run` sends. */
export function postgresTransaction(run: Run, sql: TransactionSql): GroupTransaction {
  return {
    read: (text, values = []) => run(text, values),
    run: (text, values = []) => run(text, values),
    transition: async (changes) =>
      idsOf(await run(sql.transition(changes.length), transitionArrays(changes))),
    insert: (programs) => {
      const isLined = programs.some(({ line }) => line);
      return run(isLined ? sql.insertLined : sql.insert, [programsJson(programs)]);
    },
  };
}
