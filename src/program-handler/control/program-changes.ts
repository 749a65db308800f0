import type { Knex } from 'knex';
import { cut } from '../../errors/index.js';
import { MAX_ERROR_MESSAGE } from '../../program/transition.js';
import { cancelLined } from '../lines/cancel-lined.js';
import { finishLined } from '../lines/finish-lined.js';
import { openWaiting } from '../lines/open-lines.js';
import { toOwnPool } from '../lines/own-pool.js';
import { reopenLined } from '../lines/resume-lined.js';
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

  /** Ends programs that have not ended, a page of them at most; resolves with the `runId`s of their callbacks. */
  async cancel(programs: readonly FoundProgram[], reason: string): Promise<readonly string[]> {
    await this.#update(programs.filter(isPlain), {
      errored_at: this.#timestamp(),
      error_message: cut(reason, MAX_ERROR_MESSAGE),
      cancelled_at: this.#nowMs(),
      ...this.#withoutClaim(),
    });
    const lined = idsOf(programs.filter(isLined));
    return lined.length > 0 ? (await cancelLined(this.#within, this.#lines, lined, reason)).created : [];
  }

  /** Makes a program due, from this step on, with everything counted anew. */
  async reopen(program: FoundProgram, step: number): Promise<void> {
    if (isLined(program)) await reopenLined(this.#within, this.#lines, [program.id]);
    await this.#update([program], {
      step,
      step_retry_count: 0,
      lost_count: 0,
      ...(isPlain(program) ? this.#due() : { ready_at: this.#nowMs() }),
      ...this.#withoutClaim(),
    });
    if (!isLined(program)) return;
    if (step !== program.step) await toOwnPool(this.#within, this.#lines, program.id);
    await openWaiting(this.#within, this.#lines, [program.id]);
  }

  /** Ends a program that has nothing left to do; resolves with the `runId`s of its callbacks. */
  async finish(program: FoundProgram): Promise<readonly string[]> {
    if (isLined(program)) await reopenLined(this.#within, this.#lines, [program.id]);
    await this.#update([program], {
      finished_at: this.#timestamp(),
      errored_at: null,
      cancelled_at: null,
      step_retry_count: 0,
      lost_count: 0,
      ...(isLined(program) ? { ready_at: null, due_at: this.#nowMs() } : {}),
      ...this.#withoutClaim(),
    });
    return isLined(program) ? finishLined(this.#within, this.#lines, program.id) : [];
  }

  /** @param jobData JSON of the data of all its jobs */
  async setJobData(program: FoundProgram, jobData: string): Promise<void> {
    await this.#update([program], { job_data: jobData, ...this.#bumped() });
  }

  /** Notes that the current job is not going to run; '' where the program stands at none. */
  async logSkipped({ id, jobs, step, stepRetryCount }: FoundProgram, by: string): Promise<void> {
    await this.#trx(this.#access.tables.attempts).insert({
      program_id: id,
      step,
      job: jobs[step] ?? '',
      attempt: stepRetryCount + 1,
      outcome: 'skipped',
      worker: by,
      started_at: this.#nowMs(),
      finished_at: this.#nowMs(),
    });
  }

  /** The poll finds it. */
  #due() {
    return { finished_at: null, errored_at: null, cancelled_at: null, due_at: this.#nowMs() };
  }

  async #update(programs: readonly FoundProgram[], columns: Row): Promise<void> {
    if (programs.length === 0) return;
    const { tables } = this.#access;
    await this.#trx<Row>(tables.programs).whereIn('id', idsOf(programs)).update(columns);
  }

  get #within() {
    return this.#access.dialect.within(this.#trx);
  }

  get #lines() {
    return this.#access.lines;
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

function idsOf(programs: readonly FoundProgram[]): number[] {
  return programs.map(({ id }) => id);
}

function isPlain({ lineId }: FoundProgram): boolean {
  return lineId === null;
}

function isLined(program: FoundProgram): boolean {
  return !isPlain(program);
}
