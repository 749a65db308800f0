import type { Decision } from '../program/decide.js';

/** What became of executions of jobs, in a stretch of time. */
export interface Counts {
  /** All of the below. */
  readonly completed: number;
  /** Their programs went on or finished. */
  readonly succeeded: number;
  /** Their programs ended as errored. */
  readonly failed: number;
  /** They will run again. */
  readonly retries: number;
  /** Their programs were cancelled while they ran. */
  readonly cancelled: number;
}

type Kind = Exclude<keyof Counts, 'completed'>;

/** undefined: nothing came to an end, as with a program that is given back. */
const KINDS: Readonly<Record<Decision['kind'], Kind | undefined>> = {
  advance: 'succeeded',
  finish: 'succeeded',
  fail: 'failed',
  retry: 'retries',
  defer: undefined,
  release: undefined,
  postpone: undefined,
  changePool: undefined,
  holdPool: undefined,
};

const NONE = { succeeded: 0, failed: 0, retries: 0, cancelled: 0 };

/** Counts what a worker's programs come to. */
export class StepCounts {
  #counts = { ...NONE };
  #total = 0;

  /** Executions that have ended since the worker was started. */
  get total(): number {
    return this.#total;
  }

  recorded(decision: Decision): void {
    const kind = KINDS[decision.kind];
    if (kind) this.#add(kind);
  }

  cancelled(): void {
    this.#add('cancelled');
  }

  /** The counts since the last call. */
  take(): Counts {
    const counts = this.#counts;
    this.#counts = { ...NONE };
    const { succeeded, failed, retries, cancelled } = counts;
    return { completed: succeeded + failed + retries + cancelled, ...counts };
  }

  #add(kind: Kind): void {
    this.#counts[kind] += 1;
    this.#total += 1;
  }
}
