import type { EventEmitter } from 'node:events';

interface JobEvent {
  runId: string;
  job: string;
  step: number;
  /** From 1. */
  attempt: number;
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
