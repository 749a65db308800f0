import type { HintNote } from '../queue-manager.js';

/** What became of the programs that were not rung for. */
export interface RingFailure {
  runIds: string[];
  /** The first error; the others are mostly the same. */
  error: unknown;
}

/** Follows the hints of one call of `ring` until each of them is confirmed or has failed. */
export class Ring {
  /** Resolves when nothing is open any more: with what failed, or with undefined. */
  readonly done: Promise<RingFailure | undefined>;
  /** What every hint of it says. */
  readonly note: HintNote | undefined;
  readonly #unsettled: Set<string>;
  readonly #failed: string[] = [];
  #error: unknown;
  #finish: (failure: RingFailure | undefined) => void = () => undefined;

  constructor(runIds: readonly string[], note: HintNote | undefined) {
    this.note = note;
    this.#unsettled = new Set(runIds);
    this.done = new Promise((resolve) => (this.#finish = resolve));
  }

  get unsettled(): readonly string[] {
    return [...this.#unsettled];
  }

  confirm(runId: string): void {
    this.#unsettled.delete(runId);
    this.#settle();
  }

  /** A hint that was settled before stays as it was. */
  fail(runId: string, error: unknown): void {
    if (!this.#unsettled.delete(runId)) return;
    this.#failed.push(runId);
    this.#error ??= error;
    this.#settle();
  }

  failRest(error: unknown): void {
    for (const runId of this.unsettled) this.fail(runId, error);
  }

  #settle(): void {
    if (this.#unsettled.size > 0) return;
    this.#finish(this.#failed.length > 0 ? { runIds: this.#failed, error: this.#error } : undefined);
  }
}
