import type { Dialect, GroupTransaction, Reader } from '../dialects/dialect.js';
import { repeatingHeard } from '../repeating.js';
import { idsOf } from '../rows.js';
import { toBatchRow, type BatchRow } from './batch-row.js';
import { toInterruption, type BatchFilter, type InterruptionRow, type NewBatch } from './batch-types.js';
import { cancelLined } from './cancel-lined.js';
import { createCallbackPrograms } from './callbacks.js';
import { completeBatch, isComplete, lockBatch } from './count-in-batches.js';
import { interruptBatch, waitForClaims } from './interrupt-batch.js';
import type { LineTables } from './line-tables.js';
import { programIdsOf } from './recent-claims.js';
import { resumeLined } from './resume-lined.js';
import { runningSql } from './running.js';

/** Programs that one transaction of an intervention changes: none of them is locked for long. */
const PAGE = 500;

/** The rows of batches. */
export class BatchStore {
  readonly #dialect: Dialect;
  readonly #tables: LineTables;
  readonly #onCreated: (runIds: readonly string[]) => void;

  /** @param onCreated callbacks were created */
  constructor(dialect: Dialect, tables: LineTables, onCreated: (runIds: readonly string[]) => void) {
    this.#dialect = dialect;
    this.#tables = tables;
    this.#onCreated = onCreated;
  }

  /** undefined: there is one of this code already. */
  async create(batch: NewBatch): Promise<BatchRow | undefined> {
    try {
      return await this.#create(batch);
    } catch (error) {
      // Two that create it at once find none, and the database refuses the later one.
      if (await this.find('code', batch.code)) return undefined;
      throw error;
    }
  }

  #create(batch: NewBatch): Promise<BatchRow | undefined> {
    const { code, type, metadata, criteria, onComplete } = batch;
    const { batches, terms } = this.#tables;
    return this.#write('Creating a batch', async (trx) => {
      if (await this.#find(trx, 'code', code)) return undefined;
      const callback = onComplete ? JSON.stringify(onComplete) : null;
      await trx.run(
        `insert into ${batches} (code, type, metadata, interruption, on_complete, created_at)
         values (?, ?, ?, ?, ?, ${terms.nowMs})`,
        [code, type, metadata, JSON.stringify(criteria), callback],
      );
      return this.#find(trx, 'code', code);
    });
  }

  find(column: 'id' | 'code', value: number | string): Promise<BatchRow | undefined> {
    return this.#read('Reading a batch', (db) => this.#find(db, column, value));
  }

  list({ type, status, limit }: BatchFilter): Promise<BatchRow[]> {
    const conditions = [
      ...(type === undefined ? [] : [{ text: 'type = ?', value: type }]),
      ...(status === undefined ? [] : [{ text: 'status = ?', value: status }]),
    ];
    const where = conditions.length > 0 ? `where ${conditions.map(({ text }) => text).join(' and ')}` : '';
    const { batches, terms } = this.#tables;
    return this.#read('Reading batches', async (db) => {
      const rows = await db.read(
        `select b.*, ${terms.nowMs} as now_ms from ${batches} b ${where} order by id desc limit ${limit}`,
        conditions.map(({ value }) => value),
      );
      return rows.map(toBatchRow);
    });
  }

  /** Its programs that run. */
  running(id: number): Promise<number> {
    const { recentClaims, lines } = this.#tables;
    return this.#read('Reading a batch', async (db) => {
      const recent = await db.read(`select program_ids from ${recentClaims}`);
      const ofBatch = idsOf(await db.read(`select id from ${lines} where batch_id = ?`, [id]));
      const { text, values } = runningSql(this.#tables, programIdsOf(recent, ofBatch));
      const [row] = await db.read(`select running from (${text}) running where batch_id = ?`, [
        ...values,
        id,
      ]);
      return Number(row?.['running'] ?? 0);
    });
  }

  /** Newest first. */
  interruptions(id: number): Promise<InterruptionRow[]> {
    const { interruptions } = this.#tables;
    return this.#read('Reading interruptions', async (db) => {
      const rows = await db.read(`select * from ${interruptions} where batch_id = ? order by id desc`, [id]);
      return rows.map(toInterruption);
    });
  }

  /** No more programs are being added: it completes with its last one, or at once. */
  seal(id: number): Promise<void> {
    return this.#change(id, async (trx, batch) => {
      await this.#set(trx, id, `sealed_at = coalesce(sealed_at, ${this.#tables.terms.nowMs})`);
      const sealed = { ...batch, isSealed: true };
      return isComplete(sealed) ? completeBatch(trx, this.#tables, sealed) : [];
    });
  }

  /** More programs are about to be added. */
  unseal(id: number): Promise<void> {
    return this.#change(id, (trx) => this.#set(trx, id, 'sealed_at = null'));
  }

  interrupt(id: number, message: string): Promise<void> {
    return this.#change(id, async (trx, batch) => {
      if (batch.status === 'active')
        await interruptBatch(trx, this.#tables, batch, { reason: 'manual', message });
      return [];
    });
  }

  /** Its criteria count from now. */
  resume(id: number): Promise<void> {
    const now = this.#tables.terms.nowMs;
    return this.#change(id, async (trx, { status }) => {
      await this.#set(
        trx,
        id,
        `is_paused = 0, consecutive_errors = 0, rate_limit_hits = 0, server_errors = 0, errored_before = errored,
         resumed_at = ${now}${status === 'interrupted' ? `, status = 'active'` : ''}`,
      );
      return [];
    });
  }

  pause(id: number): Promise<void> {
    return this.#change(id, async (trx) => {
      await waitForClaims(trx, this.#tables, id);
      return this.#set(trx, id, 'is_paused = 1');
    });
  }

  /** Those of its programs that errored go on from their steps; resolves with how many. */
  async retryErrored(id: number): Promise<number> {
    const isErrored = 'errored_at is not null and cancelled_at is null and finished_at is null';
    return this.#inPages(id, isErrored, async (trx, ids) => ({
      count: await resumeLined(trx, this.#tables, ids),
      created: [],
    }));
  }

  /** Ends what has not ended; resolves with how many programs. */
  async cancel(id: number, reason: string): Promise<number> {
    // First, so that nothing more of it starts meanwhile.
    await this.#change(id, (trx, { status }) =>
      status === 'completed' ? none() : this.#set(trx, id, `status = 'cancelled'`),
    );
    const count = await this.#inPages(id, 'coalesce(finished_at, errored_at) is null', (trx, ids) =>
      cancelLined(trx, this.#tables, ids, reason),
    );
    await this.#change(id, async (trx, { status, completedAtMs, onComplete, code }) => {
      if (status !== 'cancelled' || completedAtMs !== null) return [];
      await this.#set(trx, id, `completed_at = ${this.#tables.terms.nowMs}`);
      const due = onComplete
        ? [{ callback: onComplete, runId: code, result: { kind: 'canceled' } as const }]
        : [];
      return createCallbackPrograms(trx, this.#tables, due);
    });
    return count;
  }

  async #inPages(
    id: number,
    condition: string,
    work: (trx: GroupTransaction, ids: number[]) => Promise<{ count: number; created: string[] }>,
  ): Promise<number> {
    const { programs } = this.#tables;
    let [count, last] = [0, 0];
    for (;;) {
      const page = await this.#write('Changing programs of a batch', async (trx) => {
        const ids = idsOf(
          await trx.read(
            `select id from ${programs} where batch_id = ? and id > ? and ${condition} order by id limit ${PAGE}`,
            [id, last],
          ),
        );
        return { ids, ...(ids.length > 0 ? await work(trx, ids) : { count: 0, created: [] }) };
      });
      if (page.created.length > 0) this.#onCreated(page.created);
      count += page.count;
      if (page.ids.length < PAGE) return count;
      last = page.ids.at(-1) ?? last;
    }
  }

  async #find(db: Reader, column: 'id' | 'code', value: number | string): Promise<BatchRow | undefined> {
    const { batches, terms } = this.#tables;
    const [row] = await db.read(
      `select b.*, ${terms.nowMs} as now_ms from ${batches} b where ${column} = ?`,
      [value],
    );
    return row && toBatchRow(row);
  }

  async #set(trx: GroupTransaction, id: number, assignments: string): Promise<string[]> {
    await trx.run(`update ${this.#tables.batches} set ${assignments} where id = ?`, [id]);
    return [];
  }

  /** @param work resolves with the callbacks that it created */
  async #change(
    id: number,
    work: (trx: GroupTransaction, batch: BatchRow) => Promise<string[]>,
  ): Promise<void> {
    const created = await this.#write('Changing a batch', async (trx) => {
      const batch = await lockBatch(trx, this.#tables, id);
      return batch ? work(trx, batch) : [];
    });
    if (created.length > 0) this.#onCreated(created);
  }

  #read<T>(what: string, work: (db: Reader) => Promise<T>): Promise<T> {
    return repeatingHeard(what, () => work(this.#dialect));
  }

  #write<T>(what: string, work: (trx: GroupTransaction) => Promise<T>): Promise<T> {
    return repeatingHeard(what, () => this.#dialect.inTransaction(work));
  }
}

function none(): Promise<string[]> {
  return Promise.resolve([]);
}
