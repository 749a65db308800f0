import { nowMs } from './clock.js';
import type { Progress } from './commands.js';
import type { Hooks, ProgramData } from './driver.js';

const REPORT_EVERY_MS = 20;

/** Counts what a driver says and reports it now and then, so that counting costs next to nothing. */
export class Counter implements Hooks {
  #finished = 0;
  #firstJobAtMs: number | null = null;
  #lastFinishedAtMs: number | null = null;
  #latenciesMs: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #report: (progress: Progress) => void;

  constructor(report: (progress: Progress) => void) {
    this.#report = report;
  }

  jobStarted(programData: ProgramData): void {
    const atMs = nowMs();
    this.#firstJobAtMs ??= atMs;
    this.#latenciesMs.push(atMs - Number(programData['createdAtMs']));
  }

  programsFinished(count: number): void {
    this.#finished += count;
    this.#lastFinishedAtMs = nowMs();
    this.#timer ??= setTimeout(() => this.#send(), REPORT_EVERY_MS);
  }

  latenciesMs(): number[] {
    return this.#latenciesMs;
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#finished = 0;
    this.#firstJobAtMs = null;
    this.#lastFinishedAtMs = null;
    this.#latenciesMs = [];
  }

  #send(): void {
    this.#timer = undefined;
    this.#report({
      finished: this.#finished,
      firstJobAtMs: this.#firstJobAtMs,
      lastFinishedAtMs: this.#lastFinishedAtMs,
    });
  }
}
