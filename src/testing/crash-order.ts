import type { WorkerOptions } from '../config/index.js';
import type { ProgramInput } from '../jobs/index.js';
import type { ProgramView } from '../program/program.js';

/** What a process of a crash test is told to do. */
export interface CrashOrder {
  readonly jobLibrary: string;
  readonly program: ProgramInput;
  readonly runId: string;
  readonly databasePath: string;
  readonly journal: string;
  /** The number of the boundary to die at; undefined: runs the program to its end. */
  readonly crashAt: number | undefined;
  readonly workerOptions: WorkerOptions;
  /** After which the process is killed in any case, in milliseconds. */
  readonly timeoutMs: number;
}

/** What it answers, unless it dies. */
export type CrashReply =
  | { readonly kind: 'ended'; readonly program: ProgramView }
  | { readonly kind: 'failed'; readonly message: string };
