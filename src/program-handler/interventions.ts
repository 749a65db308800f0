import type { Knex } from 'knex';
import { cut } from '../errors/index.js';
import { MAX_ERROR_MESSAGE } from '../program/transition.js';
import { GATED, PARKED, type Claim, type TableNames } from './dialects/dialect.js';
import type { SqlTerms } from './dialects/sql-terms.js';
import type { Row } from './rows.js';

/** Changes that come from outside a run. Each bumps the fence, so that a run under way can write nothing more. */
export class Interventions {
  readonly #knex: Knex;
  readonly #table: string;
  readonly #terms: SqlTerms;

  constructor(knex: Knex, tables: TableNames, terms: SqlTerms) {
    this.#knex = knex;
    this.#table = tables.programs;
    this.#terms = terms;
  }

  /** Ends a program that has not ended yet; resolves with whether it did. */
  async cancel(runId: string, reason: string): Promise<boolean> {
    const changed = await this.#programs(runId)
      .whereNull('finished_at')
      .whereNull('errored_at')
      .update({
        errored_at: this.#timestamp(),
        error_message: cut(reason, MAX_ERROR_MESSAGE),
        ...this.#withoutClaim(),
      });
    return changed > 0;
  }

  /** Makes an errored or parked program due, from its step; resolves with whether it was one. */
  async resume(runId: string): Promise<boolean> {
    const changed = await this.#programs(runId)
      .whereNull('finished_at')
      .where((query) => query.whereNotNull('errored_at').orWhere('due_at', PARKED))
      .update({
        errored_at: null,
        step_retry_count: 0,
        lost_count: 0,
        due_at: this.#knex.raw(this.#terms.nowMs),
        ...this.#withoutClaim(),
      });
    return changed > 0;
  }

  /** Makes what is due next due now, as if the time until then had passed. */
  async hastenNext(): Promise<void> {
    const nowMs = this.#knex.raw(this.#terms.nowMs);
    const waiting = this.#knex<Row>(this.#table).whereNull('finished_at').whereNull('errored_at');
    const next = await waiting
      .clone()
      .where('due_at', '>', nowMs)
      .where('due_at', '<', GATED)
      .min('due_at as due_at')
      .first();
    const dueAtMs: unknown = next?.['due_at'];
    if (dueAtMs !== null) await waiting.where('due_at', Number(dueAtMs)).update({ due_at: nowMs });
  }

  /** Lets go of a program that was cancelled by hand, so that it can be resumed without waiting for the lease. */
  async letGo({ id, fence, claimedBy }: Claim): Promise<void> {
    await this.#knex<Row>(this.#table)
      .where({ id, fence, claimed_by: claimedBy })
      .update({ claimed_by: null, claimed_until: null });
  }

  #programs(runId: string) {
    return this.#knex<Row>(this.#table).where({ run_id: runId });
  }

  #timestamp() {
    return this.#knex.raw(this.#terms.timestamp);
  }

  #withoutClaim() {
    return {
      fence: this.#knex.raw('fence + 1'),
      claimed_by: null,
      claimed_until: null,
      updated_at: this.#timestamp(),
    };
  }
}
