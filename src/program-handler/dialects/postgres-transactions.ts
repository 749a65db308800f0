import type { Knex } from 'knex';
import type { Client } from 'pg';
import { cutSocket } from '../../cut-socket.js';
import { idsOf, type Row } from '../rows.js';
import type { GivenBack, GroupTransaction } from './dialect.js';
import { programsJson } from './postgres-json.js';
import { transitionArrays } from './postgres-arrays.js';
import { Answers } from './answers.js';
import type { PreparedStatements } from './prepared-statements.js';
import { onRawConnection } from './raw-connection.js';

type Run = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** The texts that a transaction's own operations need. */
export interface TransactionSql {
  readonly insert: string;
  readonly insertLined: string;
  transition(count: number): string;
  leave(count: number): string;
}

/**
 * Its statements know the rows they are after, and find them by an index, one after the other. A plan that is made
 * while a table is small would read all of it instead, or all of an index, and merge or hash it; also when it has
 * grown, or been left with thousands of dead rows, since. What has no index is priced so high then that it would be
 * compiled, or shared out among processes that take longer to start. And a plan for any values is as good as one for
 * these, which would be made each time.
 */
const BEGIN = [
  'begin',
  'set local enable_seqscan = off',
  'set local enable_mergejoin = off',
  'set local enable_hashjoin = off',
  'set local jit = off',
  'set local max_parallel_workers_per_gather = 0',
  'set local plan_cache_mode = force_generic_plan',
].join('; ');

/** Runs `work` in a transaction, once more where a plan turned out to be outdated. */
export function inPostgresTransaction<T>(
  knex: Knex,
  prepared: PreparedStatements,
  sql: TransactionSql,
  work: (trx: GroupTransaction) => Promise<T>,
): Promise<T> {
  const once = (connection: Client) =>
    committed(connection, (answers) => {
      const send = (text: string, values: readonly unknown[]) => prepared.runWithin(connection, text, values);
      const read: Run = (text, values) => answers.read(text, () => send(text, values));
      const run: Sending['run'] = (text, values) => answers.run(text, () => send(text, values));
      return work(postgresTransaction({ read, run }, sql));
    });
  return onRawConnection(knex, async (connection: Client) => {
    try {
      return await once(connection);
    } catch (error) {
      if (!prepared.arePlansAtFault(error)) throw error;
      return once(connection);
    }
  });
}

async function committed<T>(connection: Client, work: (answers: Answers) => Promise<T>): Promise<T> {
  const answers = new Answers(connection.pipeline);
  try {
    await answers.begin(connection.query(BEGIN));
    const result = await work(answers);
    await answers.run('commit', () => connection.query('commit'));
    await answers.all();
    return result;
  } catch (error) {
    const first = await answers.firstFault();
    // What cannot be rolled back must not go back to the pool as it is.
    await connection.query('rollback').catch(() => cutSocket(connection));
    throw first ?? error;
  }
}

/** How the statements of a transaction are sent. */
interface Sending {
  readonly read: Run;
  /** May resolve before the statement has been run. */
  run(text: string, values: readonly unknown[]): Promise<unknown>;
}

/** The operations of a transaction whose statements are sent so. */
export function postgresTransaction({ read, run }: Sending, sql: TransactionSql): GroupTransaction {
  return {
    read: (text, values = []) => read(text, values),
    run: (text, values = []) => run(text, values),
    transition: async (changes) =>
      idsOf(await read(sql.transition(changes.length), transitionArrays(changes))),
    leave: async (changes) => givenBack(await read(sql.leave(changes.length), transitionArrays(changes))),
    insert: (programs) => {
      const isLined = programs.some(({ line }) => line);
      return run(isLined ? sql.insertLined : sql.insert, [programsJson(programs)]);
    },
  };
}

/** Rows of programs that left, and of slots that were settled. */
function givenBack(rows: readonly Row[]): GivenBack {
  const isOfProgram = (row: Row): boolean => row['id'] !== null;
  return { ids: idsOf(rows.filter(isOfProgram)), settled: rows.filter((row) => !isOfProgram(row)) };
}
