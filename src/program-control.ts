import { randomUUID } from 'node:crypto';
import {
  authorOf,
  checkCancelAllOptions,
  checkInterventionOptions,
  checkListOptions,
  checkRetryOptions,
  type CancelAllOptions,
  type InterventionOptions,
  type ListOptions,
  type RetryOptions,
} from './config/index.js';
import { InvalidProgramError, ProgramNotFoundError } from './errors/index.js';
import { isName, MAX_NAME_LENGTH } from './program/names.js';
import { payloadJson } from './program/json-payload.js';
import type { ProgramStatus } from './program/status.js';
import { whyOf, type Why } from './program/why.js';
import {
  checkRunId,
  type Control,
  type Intervention,
  type InterventionKind,
  type InterventionView,
  type ProgramHandler,
} from './program-handler/index.js';
import type { QueueManager } from './queue-manager/index.js';
import type { Emit } from './telemetry/events.js';
import { wakeWorkers } from './wake-workers.js';

/** Interventions that are read unless told otherwise. */
const DEFAULT_LISTED = 100;

/** What people see of programs and do to them: checks what they give, and tells workers. */
export class ProgramControl {
  readonly #programs: ProgramHandler;
  readonly #queue: QueueManager;
  readonly #emit: Emit;

  constructor(programs: ProgramHandler, queue: QueueManager, emit: Emit) {
    this.#programs = programs;
    this.#queue = queue;
    this.#emit = emit;
  }

  async statuses(runIds: readonly string[]): Promise<(ProgramStatus | undefined)[]> {
    assertArray(runIds);
    const asked = Array.from(runIds);
    for (const runId of asked) checkRunId(runId);
    const found = await this.#control.statuses.read([...new Set(asked)]);
    return asked.map((runId) => found.get(runId));
  }

  /** @throws ProgramNotFoundError */
  async why(runId: string): Promise<Why> {
    const [status] = await this.statuses([runId]);
    if (!status) throw new ProgramNotFoundError(runId);
    const [workers, line, interventions] = await Promise.all([
      this.#programs.upkeep.workers(),
      this.#programs.lineFacts(runId),
      this.#control.log.list(runId, DEFAULT_LISTED),
    ]);
    const cancelledBy = status.isCancelled ? cancelBy(interventions) : undefined;
    return whyOf({ status, workers, cancelledBy, line });
  }

  /** The reason of the options counts where none is given. */
  async cancel(runId: string, given?: string, options: InterventionOptions = {}): Promise<boolean> {
    checkRunId(runId);
    if (given !== undefined && typeof given !== 'string')
      throw new InvalidProgramError('reason', 'expected a text');
    checkInterventionOptions(options);
    const reason = given ?? options.reason ?? 'Cancelled';
    return this.#control.interventions.cancel(runId, newCall('cancel', { ...options, reason }));
  }

  async resume(runId: string, options: InterventionOptions): Promise<boolean> {
    checkRunId(runId);
    checkInterventionOptions(options);
    const isResumed = await this.#control.interventions.resume(runId, newCall('resume', options));
    return isResumed && this.#ring(runId);
  }

  async retry(runId: string, options: RetryOptions): Promise<void> {
    checkRunId(runId);
    checkRetryOptions(options);
    const { fromStep } = options;
    await this.#control.interventions.retry(runId, newCall('retry', options, { fromStep }), fromStep);
    this.#ring(runId);
  }

  async skipStep(runId: string, options: InterventionOptions): Promise<void> {
    checkRunId(runId);
    checkInterventionOptions(options);
    const jobs = await this.#control.interventions.skipStep(runId, newCall('skipStep', options));
    if (jobs) this.#emit('programFinished', () => ({ runId, jobs }));
    else this.#ring(runId);
  }

  async editJobData(runId: string, job: string, data: object, options: InterventionOptions): Promise<void> {
    checkRunId(runId);
    if (!isName(job))
      throw new InvalidProgramError('job', `expected a text of 1 to ${MAX_NAME_LENGTH} characters`);
    const json = payloadJson('data', data, this.#programs.payloadLimits);
    checkInterventionOptions(options);
    const written = JSON.parse(json) as object;
    const call = newCall('editJobData', options, { job });
    await this.#control.interventions.editJobData(runId, call, job, written);
  }

  async cancelAll(options: CancelAllOptions): Promise<number> {
    checkCancelAllOptions(options);
    const { by: _by, reason: _reason, ...filter } = options;
    const { before, where, batch, pool, limit } = options;
    return this.#control.cancelAll(newCall('cancelAll', options, filter), {
      beforeMs: before === undefined ? undefined : Number(before),
      state: where?.state,
      job: where?.job,
      batch,
      pool,
      limit: limit ?? Infinity,
    });
  }

  async pauseQueue(options: InterventionOptions): Promise<boolean> {
    checkInterventionOptions(options);
    return this.#control.queuePause.pause(newCall('pauseQueue', options));
  }

  async resumeQueue(options: InterventionOptions): Promise<boolean> {
    checkInterventionOptions(options);
    const isResumed = await this.#control.queuePause.resume(newCall('resumeQueue', options));
    const due = await this.#control.queuePause.dueRunIds();
    if (due.length > 0) void this.#queue.ring(due, 'more');
    // Those that wait in lines are not rung for.
    wakeWorkers(this.#queue);
    return isResumed;
  }

  async interventions(runId: string | undefined, options: ListOptions): Promise<InterventionView[]> {
    if (runId !== undefined) checkRunId(runId);
    checkListOptions(options);
    return this.#control.log.list(runId, options.limit ?? DEFAULT_LISTED);
  }

  get #control(): Control {
    return this.#programs.control;
  }

  /** With a note, as whoever hears only of the program does not look into lines, in which it may wait. */
  #ring(runId: string): true {
    void this.#queue.ring([runId], 'more');
    return true;
  }
}

function assertArray(value: unknown): void {
  if (!Array.isArray(value)) throw new InvalidProgramError('runIds', 'expected an array');
}

function newCall(kind: InterventionKind, options: InterventionOptions, details: object = {}): Intervention {
  return { callId: randomUUID(), kind, ...authorOf(options), details };
}

/** Who ended it, unless it was started again since. */
function cancelBy(interventions: readonly InterventionView[]): string | undefined {
  const last = interventions.find(({ kind }) => kind !== 'editJobData');
  return last?.kind === 'cancel' ? last.by : undefined;
}
