import type { JobContext } from '../jobs/index.js';
import type { Decision } from '../program/decide.js';
import type { Transition } from '../program/transition.js';
import type { StepEnvironment } from './environment.js';

/** How a step's success is written, given the job's result as JSON. */
export interface SuccessPlan {
  (result: string | null): { decision: Decision; change: Transition };
}

/** The database transaction that a job's own statements belong to. */
type StepTransactionScope = Parameters<Parameters<JobContext['transaction']>[0]>[0];

/** A step that completes together with its job's own statements, at most once. */
export class StepTransaction {
  readonly #programs: StepEnvironment['programs'];
  readonly #runId: string;
  readonly #plan: SuccessPlan;
  readonly #toJson: (value: unknown) => string | null;
  /** Set as soon as it is committed: what the job does afterwards decides nothing. */
  committed: { decision: Decision; result: string | null } | undefined;

  constructor(
    programs: StepEnvironment['programs'],
    runId: string,
    plan: SuccessPlan,
    toJson: (value: unknown) => string | null,
  ) {
    this.#programs = programs;
    this.#runId = runId;
    this.#plan = plan;
    this.#toJson = toJson;
  }

  async run<T>(work: (trx: StepTransactionScope) => Promise<T>): Promise<T> {
    if (this.committed)
      throw new Error('context.transaction: this step is complete already; call it once a job');
    let committed: StepTransaction['committed'];
    const value = await this.#programs.recordWith(this.#runId, async (trx) => {
      const value = await work(trx);
      const result = this.#toJson(value);
      const { decision, change } = this.#plan(result);
      committed = { decision, result };
      return { value, change };
    });
    this.committed = committed;
    return value;
  }
}
