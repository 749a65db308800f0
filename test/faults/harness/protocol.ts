import type { ExecutorConfig, ExecutorEvents, JobPolicy, WorkerOptions } from '../../../index.js';
import type { CrashPoint } from './crash-points.js';
import type { OddThing } from './odd-things.js';

/** The variable that tells a worker process, in JSON, what it is. */
export const SPEC_VARIABLE = 'PE_FAULTS_WORKER';

/** The broker's URL, or a file that holds it and is read again at each attempt to connect. */
export type BrokerAddress = string | { file: string };

/** What a worker process is told at its start; plain data. */
export interface WorkerSpec {
  config: Pick<ExecutorConfig, 'databasePath' | 'tableName' | 'queueName' | 'createTable'> & {
    knex?: { client: string; connection: string; pool?: { min: number; max: number } };
    amqpUrl?: BrokerAddress;
  };
  options: WorkerOptions;
  /** How long running jobs get after SIGTERM, in milliseconds. */
  graceMs: number;
  /** Whether jobs that `hold` may pass; where not, they wait for `openGate`. */
  isGateOpen: boolean;
  /** Where it dies by itself, the first time that it comes there. */
  dieAt?: CrashPoint;
  /** The jobs that it knows; left out: all. */
  knows?: readonly JobName[];
  policies?: Partial<Record<JobName, JobPolicy>>;
  /** Options of its Node. */
  execArgv?: readonly string[];
  /** Added to the environment of this process. */
  environment?: Readonly<Record<string, string>>;
  /** What its Node prints at its death is not shown. */
  diesQuietly?: boolean;
}

/** What a job does; `programData` holds one for each job that does more than return at once. */
export type Action =
  /** Waits until this worker's gate is open, or its signal is aborted. */
  | { kind: 'hold' }
  /** The same, but deaf to the signal. */
  | { kind: 'holdDeaf' }
  /** Lets the event loop turn for so long. */
  | { kind: 'take'; ms: number }
  /** Keeps the event loop from turning for so long. */
  | { kind: 'block'; ms: number }
  /** Blocks until there is such a file, where the gate was closed at the worker's start. */
  | { kind: 'blockUntil'; file: string }
  /** Never ends, and is deaf to the signal. */
  | { kind: 'neverEnd' }
  /** Writes its data. */
  | { kind: 'save' }
  | { kind: 'throw'; thing: OddThing }
  /** Throws a `RetryableError` at its first attempt. */
  | { kind: 'retryOnce'; afterMs: number }
  | { kind: 'exit' }
  | { kind: 'abort' }
  | { kind: 'exhaustMemory' }
  /** Succeeds, with a rejection behind it that nobody handles. */
  | { kind: 'leaveRejection' };

/** The jobs that every worker process knows, unless it is told otherwise. */
export const JOBS = ['first', 'second', 'third'] as const;

export type JobName = (typeof JOBS)[number];

export type Actions = Partial<Record<JobName, Action>>;

/** Executor events that are forwarded as reports. */
export const FORWARDED = [
  'jobStarted',
  'jobFinished',
  'jobRetried',
  'leaseLost',
  'programFinished',
  'brokerConnected',
  'brokerDisconnected',
] as const satisfies readonly (keyof ExecutorEvents)[];

/**
 * What a worker process reports. `entered` comes from the job itself, before it does anything else; `logged` is a
 * line of the log, from level info up; from `stopping` on no further job begins.
 */
export interface Report {
  event: 'loaded' | 'ready' | 'entered' | 'logged' | 'stopping' | (typeof FORWARDED)[number];
  runId?: string;
  job?: string;
  step?: number;
  attempt?: number;
  reason?: string;
  /** What was logged. */
  action?: string;
  /** Its clock and time zone, when it has loaded. */
  clock?: { nowMs: number; timeZone: string };
}

/** What a worker process is told later. */
export type Order = 'go' | 'openGate';
