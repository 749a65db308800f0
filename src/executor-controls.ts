import { EventEmitter } from 'node:events';
import type { CancelAllOptions, InterventionOptions, ListOptions, RetryOptions } from './config/index.js';
import type { ProgramStatus } from './program/status.js';
import type { Why } from './program/why.js';
import type { ProgramControl } from './program-control.js';
import type { InterventionView } from './program-handler/index.js';
import type { ExecutorEvents } from './telemetry/events.js';

/**
 * The part of the facade that is about programs which are there: how they stand, and what people do to them.
 * `by` and `reason` of the options are kept with each intervention.
 */
export abstract class ExecutorControls extends EventEmitter<ExecutorEvents> {
  /** @throws ClosedError naming the call */
  protected abstract controlFor(call: string): ProgramControl;

  /** How the program stands, what it waits for and until when; undefined when there is none. */
  async status(runId: string): Promise<ProgramStatus | undefined> {
    return (await this.controlFor('status').statuses([runId]))[0];
  }

  /** The same of many programs, in the order of their ids. */
  async statusMany(runIds: readonly string[]): Promise<(ProgramStatus | undefined)[]> {
    return this.controlFor('statusMany').statuses(runIds);
  }

  /**
   * Why the program is not running, in one sentence: what it waits for, by what it is blocked and until when.
   * @throws ProgramNotFoundError
   */
  async why(runId: string): Promise<Why> {
    return this.controlFor('why').why(runId);
  }

  /**
   * Ends a program as errored: no further job starts, and a running one is aborted at its next heartbeat.
   * Resolves with false when it had ended before. Without a reason that of the options is kept, else "Cancelled".
   * @throws ProgramNotFoundError
   */
  async cancel(runId: string, reason?: string, options: InterventionOptions = {}): Promise<boolean> {
    return this.controlFor('cancel').cancel(runId, reason, options);
  }

  /** The same as `cancel`, under the name beside `resumeProgram`. */
  async cancelProgram(runId: string, reason?: string, options?: InterventionOptions): Promise<boolean> {
    return this.controlFor('cancelProgram').cancel(runId, reason, options);
  }

  /**
   * Cancels programs that exist now, newest first, in pages; resolves with how many. When it rejects, some are.
   * @throws ConfigError naming the option that is wrong
   */
  async cancelAll(options: CancelAllOptions = {}): Promise<number> {
    return this.controlFor('cancelAll').cancelAll(options);
  }

  /**
   * Lets an errored program go on from its step, with its retries counted anew. Resolves with false when it
   * was not errored.
   * @throws ProgramNotFoundError
   */
  async resumeProgram(runId: string, options: InterventionOptions = {}): Promise<boolean> {
    return this.controlFor('resumeProgram').resume(runId, options);
  }

  /**
   * Starts a program again, ended or waiting, from where it stands or from any step, with everything counted anew.
   * @throws ProgramNotFoundError, ProgramStateError when it runs, InvalidProgramError for a step that it has not
   */
  async retry(runId: string, options: RetryOptions = {}): Promise<void> {
    return this.controlFor('retry').retry(runId, options);
  }

  /**
   * Lets a waiting or errored program go on with its next job; after its last one it is finished.
   * @throws ProgramNotFoundError, ProgramStateError when it runs or is finished
   */
  async skipStep(runId: string, options: InterventionOptions = {}): Promise<void> {
    return this.controlFor('skipStep').skipStep(runId, options);
  }

  /**
   * Replaces the data of one job of a program.
   * @throws ProgramNotFoundError, ProgramStateError when it runs, InvalidProgramError, PayloadTooLargeError
   */
  async editJobData(
    runId: string,
    job: string,
    data: object,
    options: InterventionOptions = {},
  ): Promise<void> {
    return this.controlFor('editJobData').editJobData(runId, job, data, options);
  }

  /**
   * Stops all workers of this table from claiming programs; those that run go on to their end, or to the end of
   * their time slice. Lasts until `resume`. Resolves with false when it was paused before.
   */
  async pause(options: InterventionOptions = {}): Promise<boolean> {
    return this.controlFor('pause').pauseQueue(options);
  }

  /** Ends a pause of the whole queue; resolves with false when there was none. */
  async resume(options: InterventionOptions = {}): Promise<boolean> {
    return this.controlFor('resume').resumeQueue(options);
  }

  /** What people did, newest first: to one program, or to all. */
  async interventions(runId?: string, options: ListOptions = {}): Promise<InterventionView[]> {
    return this.controlFor('interventions').interventions(runId, options);
  }
}
