import type { DriverSettings } from './driver.js';

/** What the harness may ask a driver process; one object of arguments, one answer. */
export interface Commands {
  open(argument: { modulePath: string; settings: DriverSettings }): Promise<void>;
  setUp(): Promise<void>;
  /** `callers` at once, each one program after the other; gives the time it took. */
  create(argument: { count: number; callers: number }): Promise<Elapsed>;
  createBulk(argument: { count: number }): Promise<Elapsed>;
  /** One after the other, with a pause between; for an otherwise idle system. */
  createPaced(argument: { count: number; everyMs: number }): Promise<Elapsed>;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  /** Forgets what was counted so far. */
  resetCounts(): Promise<void>;
  /** From creation to the first line of the first job, in milliseconds, in order of arrival. */
  latencies(): Promise<number[]>;
  special(argument: { name: string; argument: number }): Promise<unknown>;
  tearDown(): Promise<void>;
  close(): Promise<void>;
}

export interface Elapsed {
  elapsedMs: number;
}

/** Sent by a driver process by itself, each time something was counted, not too often. */
export interface Progress {
  finished: number;
  firstJobAtMs: number | null;
  lastFinishedAtMs: number | null;
}

export interface Request {
  id: number;
  command: keyof Commands;
  argument: unknown;
}

export type Reply = { id: number; result: unknown } | { id: number; error: string } | { progress: Progress };
