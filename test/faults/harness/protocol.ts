import type { ExecutorConfig, ExecutorEvents, WorkerOptions } from '../../../index.js';
import type { CrashPoint } from './crash-points.js';

/** The variable that tells a worker process, in JSON, what it is. */
export const SPEC_VARIABLE = 'PE_FAULTS_WORKER';

/** The broker's URL, or a file that holds it and is read again at each attempt to connect. */
export type BrokerAddress = string | { file: string };

/** What a worker process is told at its start; plain data. */
export interface WorkerSpec {
  config: Pick<ExecutorConfig, 'databasePath' | 'tableName' | 'queueName'> & {
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
  | { kind: 'exit' };

/** The jobs that every worker process knows. */
export const JOBS = ['first', 'second', 'third'] as const;

export type Actions = Partial<Record<(typeof JOBS)[number], Action>>;

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

/** What a worker process reports. `entered` comes from the job itself, before it does anything else. */
export interface Report {
  event: 'loaded' | 'ready' | 'entered' | 'logged' | (typeof FORWARDED)[number];
  runId?: string;
  job?: string;
  step?: number;
  attempt?: number;
  reason?: string;
  /** Of a log line. */
  action?: string;
}

/** What a worker process is told later. */
export type Order = 'go' | 'openGate';
