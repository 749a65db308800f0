import type { RetrySetting } from './effective-policy.js';

/** The job that is told how a program, or a batch, ended. */
export interface CompletionCallback {
  /** Its name; it runs as a program of this one job. */
  readonly job: string;
  /** Handed over as it is: any JSON. */
  readonly context?: unknown;
  /** Is told, in turn, how that program ended. */
  readonly onComplete?: CompletionCallback;
}

/** What a program's creator asked for, beside its line. */
export interface ProgramOptions {
  /** Of those jobs that name no pool of their own; left out: none. */
  readonly pool?: string;
  readonly retry?: RetrySetting;
  readonly onComplete?: CompletionCallback;
  /** Not started after this moment, in epoch milliseconds. */
  readonly expiresAt?: number;
}

/** What a completion callback is called with, as its program's data. */
export interface CompletionMessage {
  /** Of the program that ended; of a batch, its code. */
  readonly runId: string;
  readonly context: unknown;
  readonly result:
    | { readonly kind: 'success'; readonly returnValue: unknown }
    | { readonly kind: 'failed'; readonly error: string }
    | { readonly kind: 'canceled' };
}
