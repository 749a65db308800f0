import type { Knex } from 'knex';
import { cut } from '../../errors/index.js';
import { MAX_ERROR_MESSAGE } from '../../program/transition.js';
import type { Row } from '../rows.js';
import type { Access } from './access.js';
import type { FoundProgram } from './found-program.js';

/**
 * What interventions change of programs that they have locked, and nothing else changes rows for them. Each bumps
 * the fence, so that a run under way can write nothing more.
 */
export class ProgramChanges {
  readonly #access: Access;
  readonly #trx: Knex.Transaction;

  constructor(access: Access, trx: Knex.Transaction) {
    this.#access = access;
    this.#trx = trx;
  }

  /** Ends programs that have not ended, a page of them at most. */
  async cancel(programs: readonly FoundProgram[], reason: string): Promise<void> {
    const end = {
      errored_at: this.#timestamp(),
      error_message: cut(reason, MAX_ERROR_MESSAGE),
      ...this.#withoutClaim(),
    };
    await this.#update(programs.filter(isPlain), { ...end, cancelled_at: this.#nowMs() });
    // Those of lines are settled as if somebody had ended them by hand: by their claim or the sweep.
    await this.#update(programs.filter(isLined), end);
  }

  /** Makes a program due, from this step on, with everything counted anew. */
  async reopen(program: FoundProgram, step: number): Promise<void> {
    await this.#update([program], {
      finished_at: null,
      errored_at: null,
      step,
      step_retry_count: 0,
      lost_count: 0,
      ...this.#dueNow(program),
      ...this.#withoutClaim(),
    });
  }

  /** Ends a program that has nothing left to do. */
  async finish(program: FoundProgram): Promise<void> {
    await this.#update([program], {
      finished_at: this.#timestamp(),
      errored_at: null,
      ...(isPlain(program) ? { cancelled_at: null } : {}),
      step_retry_count: 0,
      lost_count: 0,
      ...this.#withoutClaim(),
    });
  }

  /** @param jobData JSON of the data of all its jobs */
  async setJobData(program: FoundProgram, jobData: string): Promise<void> {
    await this.#update([program], { job_data: jobData, ...this.#bumped() });
  }

  /** Notes that the current job is not going to run. */
  async logSkipped({ id, jobs, step, stepRetryCount }: FoundProgram, by: string): Promise<void> {
    await this.#trx(this.#access.tables.attempts).insert({
      program_id: id,
      step,
      job: jobs[step],
      attempt: stepRetryCount + 1,
      outcome: 'skipped',
      worker: by,
      started_at: this.#nowMs(),
      finished_at: this.#nowMs(),
    });
  }

  /** One that had ended is found by the poll, also to go back to its line; there `cancelled_at` is still asked for. */
  #dueNow(program: FoundProgram) {
    if (isPlain(program)) return { due_at: this.#nowMs(), cancelled_at: null };
    const isInLine = program.state === 'waiting' || program.state === 'running';
    return isInLine ? { ready_at: this.#nowMs() } : { due_at: this.#nowMs() };
  }

  async #update(programs: readonly FoundProgram[], columns: Row): Promise<void> {
    if (programs.length === 0) return;
    const ids = programs.map(({ id }) => id);
    await this.#trx<Row>(this.#access.tables.programs).whereIn('id', ids).update(columns);
  }

  #withoutClaim() {
    return { ...this.#bumped(), claimed_by: null, claimed_until: null };
  }

  #bumped() {
    return { fence: this.#trx.raw('fence + 1'), updated_at: this.#timestamp() };
  }

  #nowMs() {
    return this.#trx.raw(this.#access.dialect.terms.nowMs);
  }

  #timestamp() {
    return this.#trx.raw(this.#access.dialect.terms.timestamp);
  }
}

function isPlain({ lineId }: FoundProgram): boolean {
  return lineId === null;
}

function isLined(program: FoundProgram): boolean {
  return !isPlain(program);
}
