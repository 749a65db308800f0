import type { Knex } from 'knex';
import { IdempotencyConflictError } from '../../errors/index.js';
import { chunksOf } from '../chunks-of.js';
import type { SqlTerms } from '../dialects/sql-terms.js';
import type { TableNames } from '../dialects/dialect.js';
import type { Row } from '../rows.js';
import type { KeyedProgram, Wanted } from './keyed-program.js';

/** Keys that one statement takes: some databases allow a thousand values in it. */
const CHUNK = 200;

/** What keys stand for, once the transaction is committed. */
export interface TakenKeys {
  readonly runIds: ReadonlyMap<string, string>;
  /** The programs that are still to be inserted. */
  readonly fresh: KeyedProgram[];
}

/** Takes the keys that are free: new ones, and those of programs that are there no longer. */
export class KeyTaking {
  readonly #trx: Knex.Transaction;
  readonly #tables: TableNames;
  readonly #terms: SqlTerms;

  constructor(trx: Knex.Transaction, tables: TableNames, terms: SqlTerms) {
    this.#trx = trx;
    this.#tables = tables;
    this.#terms = terms;
  }

  /**
   * Whoever comes at the same moment with one of the keys waits for the end of this transaction.
   * @throws IdempotencyConflictError
   */
  async take(wanted: readonly Wanted[]): Promise<TakenKeys> {
    const runIds = new Map<string, string>();
    const fresh: KeyedProgram[] = [];
    for (const chunk of chunksOf(wanted, CHUNK))
      for (const { key, program, runId } of await this.#takeChunk(chunk)) {
        runIds.set(key, runId);
        if (runId === program.runId) fresh.push(program);
      }
    return { runIds, fresh };
  }

  async #takeChunk(wanted: readonly Wanted[]): Promise<(Wanted & { runId: string })[]> {
    await this.#add(wanted);
    const holders = await this.#holders(wanted);
    const others = wanted.filter(({ key, program, digest }) => {
      const holder = holders.get(key);
      return holder?.runId !== program.runId || holder.digest !== digest;
    });
    const there = await this.#programsThere(others.map(({ key }) => holders.get(key)?.runId ?? ''));
    for (const one of others) {
      const holder = holders.get(one.key);
      if (!holder || !there.has(holder.runId)) await this.#takeOver(one);
      else if (holder.digest !== one.digest) throw new IdempotencyConflictError(one.key, holder.runId);
    }
    return wanted.map((one) => {
      const runId = holders.get(one.key)?.runId ?? '';
      return { ...one, runId: there.has(runId) ? runId : one.program.runId };
    });
  }

  /** Keys that are there already stay as they are; those that others are just adding or deleting are waited for. */
  async #add(wanted: readonly Wanted[]): Promise<void> {
    const { quote, nowMs, lockingExisting } = this.#terms;
    const rows = Array<string>(wanted.length).fill(`(?, ?, ?, ${nowMs})`);
    await this.#trx.raw(
      `insert into ${quote(this.#tables.keys)} (idempotency_key, run_id, digest, created_at)
       values ${rows.join(', ')} ${lockingExisting('idempotency_key')}`,
      wanted.flatMap(({ key, program, digest }) => [key, program.runId, digest]),
    );
  }

  /** Locked, so that they are read as they are now, whatever the transaction has read before. */
  async #holders(wanted: readonly Wanted[]): Promise<Map<string, { runId: string; digest: string }>> {
    const rows = await this.#trx(this.#tables.keys)
      .whereIn(
        'idempotency_key',
        wanted.map(({ key }) => key),
      )
      .orderBy('idempotency_key')
      .forUpdate()
      .select<Row[]>('idempotency_key', 'run_id', 'digest');
    return new Map(
      rows.map((row) => [
        String(row['idempotency_key']),
        { runId: String(row['run_id']), digest: String(row['digest']) },
      ]),
    );
  }

  async #programsThere(runIds: readonly string[]): Promise<Set<string>> {
    if (runIds.length === 0) return new Set();
    const rows = await this.#trx(this.#tables.programs)
      .whereIn('run_id', [...runIds])
      .forShare()
      .select<Row[]>('run_id');
    return new Set(rows.map((row) => String(row['run_id'])));
  }

  async #takeOver({ key, program, digest }: Wanted): Promise<void> {
    await this.#trx(this.#tables.keys)
      .where({ idempotency_key: key })
      .update({ run_id: program.runId, digest, created_at: this.#trx.raw(this.#terms.nowMs) });
  }
}
