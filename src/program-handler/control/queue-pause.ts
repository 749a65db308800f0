import type { Knex } from 'knex';
import type { Row } from '../rows.js';
import { inTransaction, type Access } from './access.js';
import { InterventionLog, type Intervention } from './intervention-log.js';

/** The pool of no name, whose pause is that of the whole queue. */
export const WHOLE_QUEUE = '';

/** Rings that are made at the end of a pause, so that all workers hear of it. */
const MOST_RUNG = 32;

/** Stops and allows all claims, on every worker: they look at the row of the pool of no name. */
export class QueuePause {
  readonly #access: Access;
  readonly #log: InterventionLog;

  constructor(access: Access) {
    this.#access = access;
    this.#log = new InterventionLog(access);
  }

  /** Resolves with whether it was not paused. */
  pause(call: Intervention): Promise<boolean> {
    return this.#set(call, 1);
  }

  /** Resolves with whether it was paused. */
  resume(call: Intervention): Promise<boolean> {
    return this.#set(call, 0);
  }

  /** Some programs that are due: workers that are rung for them poll for the others. */
  async dueRunIds(): Promise<string[]> {
    const { knex, tables, dialect } = this.#access;
    const rows = await knex(tables.programs)
      .whereNull('finished_at')
      .whereNull('errored_at')
      .where('due_at', '<=', knex.raw(dialect.terms.nowMs))
      .orderBy('due_at')
      .limit(MOST_RUNG)
      .select<Row[]>('run_id');
    return rows.map((row) => String(row['run_id']));
  }

  #set(call: Intervention, isPaused: 0 | 1): Promise<boolean> {
    return inTransaction(this.#access, 'Pausing the queue', async (trx) => {
      await this.#createRow(trx);
      const row = await this.#row(trx).forUpdate().first('is_paused');
      if (await this.#log.has(trx, call)) return true;
      if (Number(row?.['is_paused']) === isPaused) return false;
      await this.#row(trx).update({ is_paused: isPaused });
      await this.#log.add(trx, call, null, 0);
      return true;
    });
  }

  async #createRow(trx: Knex.Transaction): Promise<void> {
    const { tables, dialect } = this.#access;
    const { terms } = dialect;
    if (await this.#row(trx).first('id')) return;
    await trx.raw(
      `insert into ${terms.quote(tables.pools)} (name) values (?) ${terms.ignoringExisting('name')}`,
      [WHOLE_QUEUE],
    );
  }

  #row(trx: Knex.Transaction) {
    return trx<Row>(this.#access.tables.pools).where({ name: WHOLE_QUEUE });
  }
}
