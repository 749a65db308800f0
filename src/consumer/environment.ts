import type { CheckedWorkerOptions } from '../config/index.js';
import type { CreateOptions, JobLibrary, ProgramInput } from '../jobs/index.js';
import type { ProgramHandler } from '../program-handler/index.js';
import type { HintNote } from '../queue-manager/index.js';
import type { JobSlots } from './job-slots.js';
import type { Quarantine } from './quarantine.js';
import type { StepCounts } from './step-counts.js';
import type { Emit } from '../telemetry/events.js';
import type { Logger } from '../telemetry/logger.js';

/** What every run of a worker shares. */
export interface RunEnvironment {
  readonly library: JobLibrary;
  readonly options: CheckedWorkerOptions;
  readonly programs: ProgramHandler;
  /** Host and pid, for people. */
  readonly owner: string;
  readonly queueName: string;
  /** Where its jobs run. */
  readonly slots: Pick<JobSlots, 'use'>;
  /** Where programs that may have killed their workers take turns. */
  readonly suspects: Quarantine;
  /** Of what its programs come to. */
  readonly counts: StepCounts;
  readonly logger: Logger;
  readonly emit: Emit;
  readonly createProgram: (program: ProgramInput, options?: CreateOptions) => Promise<string>;
  /** Tells workers that a program can go on. */
  ring(runId: string, note: HintNote | undefined): void;
  /** A program of this worker comes back after this time. */
  expectDue(delayMs: number): void;
  /** A program of a line has left its slot: another one may take it. */
  slotLeft(): void;
  /** This worker cannot run a due program: one that can is to find it first. */
  letOthersFirst(): void;
  /** No further job is to be started. */
  isStopping(): boolean;
}

/** What of its worker a single step works with. */
export type StepEnvironment = Pick<RunEnvironment, 'emit' | 'logger' | 'queueName' | 'createProgram'> & {
  readonly programs: Pick<ProgramHandler, 'recordWith'>;
};
