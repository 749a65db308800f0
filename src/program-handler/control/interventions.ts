import type { Knex } from 'knex';
import { ProgramNotFoundError } from '../../errors/index.js';
import { assertMayEdit, stepAfterSkipped, stepToRetry } from '../../program/intervention.js';
import { payloadJson } from '../../program/json-payload.js';
import { parseJson, type Row } from '../rows.js';
import { inTransaction, type Access } from './access.js';
import { lockPrograms, type FoundProgram } from './found-program.js';
import { InterventionLog, type Intervention } from './intervention-log.js';
import { ProgramChanges } from './program-changes.js';

/** Changes one program within a transaction; resolves with whether it did. Throws only what refuses the call. */
type Change = (program: FoundProgram, changes: ProgramChanges, trx: Knex.Transaction) => Promise<boolean>;

/** What people do to single programs; each resolves with whether it changed anything, unless it says otherwise. */
export class Interventions {
  readonly #access: Access;
  readonly #log: InterventionLog;

  constructor(access: Access) {
    this.#access = access;
    this.#log = new InterventionLog(access);
  }

  /** Ends a program that has not ended yet. */
  async cancel(runId: string, call: Intervention): Promise<boolean> {
    let created: readonly string[] = [];
    const isCancelled = await this.#change(runId, call, async (program, changes) => {
      if (hasEnded(program)) return false;
      created = await changes.cancel([program], call.reason ?? 'Cancelled');
      return true;
    });
    if (created.length > 0) this.#access.onCreated(created);
    return isCancelled;
  }

  /** Makes an errored or parked program due, from its step. */
  resume(runId: string, call: Intervention): Promise<boolean> {
    return this.#change(runId, call, async (program, changes) => {
      const isParked = program.isParked && !hasEnded(program);
      if (program.state !== 'errored' && !isParked) return false;
      await changes.reopen(program, program.step);
      return true;
    });
  }

  /** @throws ProgramStateError, InvalidProgramError */
  retry(runId: string, call: Intervention, fromStep: number | undefined): Promise<boolean> {
    return this.#change(runId, call, async (program, changes) => {
      await changes.reopen(program, stepToRetry(program, fromStep));
      return true;
    });
  }

  /**
   * Resolves with the program's jobs if that was the last step, so that the program is finished by this.
   * @throws ProgramStateError
   */
  async skipStep(runId: string, call: Intervention): Promise<readonly string[] | undefined> {
    let created: readonly string[] = [];
    let finished: readonly string[] | undefined;
    await this.#change(runId, call, async (program, changes) => {
      const next = stepAfterSkipped(program);
      finished = next === undefined ? program.jobs : undefined;
      await changes.logSkipped(program, call.by);
      if (next === undefined) created = await changes.finish(program);
      else await changes.reopen(program, next);
      return true;
    });
    if (created.length > 0) this.#access.onCreated(created);
    return finished;
  }

  /** @throws ProgramStateError, InvalidProgramError, PayloadTooLargeError */
  editJobData(runId: string, call: Intervention, job: string, data: object): Promise<boolean> {
    return this.#change(runId, call, async (program, changes, trx) => {
      assertMayEdit(program, job);
      const all = { ...(await this.#jobData(program, trx)), [job]: data };
      await changes.setJobData(program, payloadJson('jobData', all, this.#access.payloadLimits));
      return true;
    });
  }

  /** @throws ProgramNotFoundError, and what `change` refuses with: then nothing is changed */
  #change(runId: string, call: Intervention, change: Change): Promise<boolean> {
    return inTransaction(this.#access, 'Changing a program', async (trx) => {
      // In an old table two rows may share a run_id.
      const programs = await lockPrograms(this.#access, trx, (all) => all.where({ run_id: runId }));
      if (programs.length === 0) throw new ProgramNotFoundError(runId);
      if (await this.#log.has(trx, call)) return true;
      const changes = new ProgramChanges(this.#access, trx);
      const changed: FoundProgram[] = [];
      for (const program of programs) if (await change(program, changes, trx)) changed.push(program);
      if (changed[0]) await this.#log.add(trx, call, changed[0].id, changed.length);
      return changed.length > 0;
    });
  }

  async #jobData({ id }: FoundProgram, trx: Knex.Transaction): Promise<object> {
    const row = await trx<Row>(this.#access.tables.programs).where({ id }).first('job_data');
    return parseJson(row?.['job_data'], {}) as object;
  }
}

function hasEnded({ state }: FoundProgram): boolean {
  return state === 'finished' || state === 'errored';
}
