import type { WorkerOptions } from './config/index.js';
import type { ProgramWorker, WorkerEnvironment } from './consumer/index.js';
import type { JobLibrary } from './jobs/index.js';
import type { ProgramHandler } from './program-handler/index.js';

/** What of an executor the tools for tests work with. Not public. */
export interface ExecutorParts {
  readonly programs: ProgramHandler;
  /** @throws ClosedError naming the call */
  assertOpen(what: string): void;
  /** The workers that were started and not closed with the executor. */
  readonly workers: ReadonlySet<ProgramWorker>;
  /** What a worker on this library would give to its runs. */
  environment(library: JobLibrary, options: WorkerOptions): WorkerEnvironment;
}

const PARTS = new WeakMap<object, ExecutorParts>();

export function shareParts(executor: object, parts: ExecutorParts): void {
  PARTS.set(executor, parts);
}

/** undefined: it is no executor of this package. */
export function partsOf(executor: object): ExecutorParts | undefined {
  return PARTS.get(executor);
}
