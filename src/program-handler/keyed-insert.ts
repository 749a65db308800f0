import type { Knex } from 'knex';
import { IdempotencyConflictError } from '../errors/index.js';
import { digestOf } from '../program/digest.js';
import type { Dialect, NewProgram, TableNames } from './dialects/dialect.js';
import type { Row } from './rows.js';

/** A program with an idempotency key. */
export type KeyedProgram = NewProgram & { readonly idempotencyKey: string };

/** The program that a key stands for. */
interface KeyHolder {
  readonly runId: string;
  readonly digest: string;
}

/** Keys that one statement takes: some databases allow a thousand values in it. */
const CHUNK = 200;

export function isKeyed(program: NewProgram): program is KeyedProgram {
  return program.idempotencyKey !== undefined;
}

/**
 * Inserts those programs whose keys are new, or were those of programs that are there no longer. Resolves with the
 * `runId` that each key stands for now. Whoever comes at the same moment with one of the keys waits for the end of
 * this transaction.
 */
export class KeyedInsert {
  readonly #trx: Knex.Transaction;
  readonly #dialect: Dialect;
  readonly #tables: TableNames;

  constructor(trx: Knex.Transaction, dialect: Dialect, tables: TableNames) {
    this.#trx = trx;
    this.#dialect = dialect;
    this.#tables = tables;
  }

  /** @throws IdempotencyConflictError */
  async run(programs: readonly KeyedProgram[]): Promise<Map<string, string>> {
    const runIds = new Map<string, string>();
    // In the order of the keys, so that callers with the same ones cannot deadlock.
    const sorted = [...programs].sort((a, b) => (a.idempotencyKey < b.idempotencyKey ? -1 : 1));
    for (let from = 0; from < sorted.length; from += CHUNK)
      await this.#insertChunk(sorted.slice(from, from + CHUNK), runIds);
    return runIds;
  }

  async #insertChunk(programs: readonly KeyedProgram[], runIds: Map<string, string>): Promise<void> {
    const wanted = holdersOf(programs);
    await this.#addKeys(wanted);
    const holders = await this.#readHolders([...wanted.keys()]);
    const isThere = await this.#programsThere([...holders.values()].map(({ runId }) => runId));
    const fresh: KeyedProgram[] = [];
    for (const [key, { program, digest }] of wanted) {
      const holder = holders.get(key);
      const isMine = holder === undefined || holder.runId === program.runId;
      if (!isMine && isThere.has(holder.runId)) {
        if (holder.digest !== digest) throw new IdempotencyConflictError(key, holder.runId);
        runIds.set(key, holder.runId);
        continue;
      }
      if (!isMine) await this.#takeKey(key, { runId: program.runId, digest });
      runIds.set(key, program.runId);
      fresh.push(program);
    }
    if (fresh.length > 0) await this.#dialect.insert(fresh, this.#trx);
  }

  /** Keys that are there already stay as they are; those that others are just adding are waited for. */
  async #addKeys(wanted: ReadonlyMap<string, Wanted>): Promise<void> {
    const { terms } = this.#dialect;
    const row = `(?, ?, ?, ${terms.nowMs})`;
    await this.#trx.raw(
      `insert into ${terms.quote(this.#tables.keys)} (idempotency_key, run_id, digest, created_at)
       values ${Array(wanted.size).fill(row).join(', ')} ${terms.ignoringExisting('idempotency_key')}`,
      [...wanted].flatMap(([key, { program, digest }]) => [key, program.runId, digest]),
    );
  }

  /** Locked, so that they are read as they are, whatever the transaction has seen before. */
  async #readHolders(keys: readonly string[]): Promise<Map<string, KeyHolder>> {
    const rows = await this.#trx(this.#tables.keys)
      .whereIn('idempotency_key', [...keys])
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
    const rows = await this.#trx(this.#tables.programs)
      .whereIn('run_id', [...runIds])
      .forShare()
      .select<Row[]>('run_id');
    return new Set(rows.map((row) => String(row['run_id'])));
  }

  async #takeKey(key: string, { runId, digest }: KeyHolder): Promise<void> {
    await this.#trx(this.#tables.keys)
      .where({ idempotency_key: key })
      .update({ run_id: runId, digest, created_at: this.#trx.raw(this.#dialect.terms.nowMs) });
  }
}

interface Wanted {
  readonly program: KeyedProgram;
  readonly digest: string;
}

/**
 * One program for each key, the first.
 * @throws IdempotencyConflictError where others of the same key are not the same
 */
function holdersOf(programs: readonly KeyedProgram[]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const program of programs) {
    const { idempotencyKey: key, jobs, programData, jobData } = program;
    const digest = digestOf([jobs, programData, jobData]);
    const first = wanted.get(key);
    if (!first) wanted.set(key, { program, digest });
    else if (first.digest !== digest) throw new IdempotencyConflictError(key, first.program.runId);
  }
  return wanted;
}
