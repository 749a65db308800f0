import type { EventEmitter } from 'node:events';

interface JobEvent {
  runId: string;
  job: string;
  step: number;
  /** From 1. */
  attempt: number;
}

/** What a worker has done since its last report: executions of jobs, each counted once it is recorded. */
export interface WorkerReport {
  workerId: string;
  /** All of the next four. */
  completed: number;
  /** The program went on or finished. */
  succeeded: number;
  /** The program ended as errored. */
  failed: number;
  /** They will run again. */
  retries: number;
  /** The program was cancelled meanwhile. */
  cancelled: number;
  /** Failed and retried ones, of all; from 0 to 1. */
  failureRate: number;
  /** Failed ones, of those that were not retried; from 0 to 1. */
  permanentFailureRate: number;
  /** Programs that this worker runs just now. */
  running: number;
  /** Programs that are due and that no worker has taken; 10,000 means at least that. Only one worker says so. */
  backlog?: number;
  /** For how long the oldest of them has been due. */
  oldestAgeMs?: number;
}

/** The events of an executor and what each listener gets. A listener that throws changes nothing. */
export interface ExecutorEvents {
  /** A job ended with an error, also a retryable one. `error.message` has at most 255 characters. */
  programError: [
    {
      message: { runId: string; jobs: readonly string[]; programData: Record<string, unknown> };
      error: Error;
    },
  ];
  programFinished: [{ runId: string; jobs: readonly string[] }];
  jobStarted: [JobEvent];
  jobFinished: [JobEvent & { durationMs: number }];
  jobRetried: [JobEvent & { delayMs: number; error: Error }];
  /** Once a minute, by each worker that has something to tell. */
  report: [WorkerReport];
  /** A run ended without a word: the program was taken over, cancelled or deleted meanwhile. */
  leaseLost: [JobEvent & { reason: string }];
  /** The broker was not told of these programs; the poll starts them. */
  dispatchFailed: [{ runIds: readonly string[]; error: unknown }];
  brokerConnected: [];
  brokerDisconnected: [{ error: unknown }];
}

/** `event` is made only when somebody listens: most events come with every job, and most have no listener. */
export type Emit = <Name extends keyof ExecutorEvents>(
  name: Name,
  event: () => ExecutorEvents[Name][0],
) => void;

/** Emits to every listener, whatever the others throw or reject with; `onListenerError` hears of that. */
export function safeEmit(
  emitter: EventEmitter,
  onListenerError: (event: string, error: unknown) => void,
): Emit {
  return (name, makeEvent) => {
    if (emitter.listenerCount(name) === 0) return;
    const event = makeEvent();
    for (const listener of emitter.rawListeners(name)) {
      try {
        const result: unknown = Reflect.apply(listener, emitter, event === undefined ? [] : [event]);
        if (result instanceof Promise) result.catch((error: unknown) => onListenerError(name, error));
      } catch (error) {
        onListenerError(name, error);
      }
    }
  };
}
