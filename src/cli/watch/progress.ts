import type { BatchSummary, LastError, Reports, StuckProgram } from '../../program-handler/reports/index.js';
import { endedOf } from '../../program-handler/reports/index.js';
import { Pace } from './pace.js';

/** A batch at one moment. */
export interface Progress {
  readonly batch: BatchSummary;
  readonly throughputPerSecond: number | null;
  readonly timeLeftMs: number | null;
  readonly lastErrors: readonly LastError[];
  readonly stuck: readonly StuckProgram[];
}

/** Looks at one batch again and again. */
export class ProgressReader {
  readonly #reports: Reports;
  readonly #mostErrors: number;
  readonly #pace = new Pace();
  #lastErrors: readonly LastError[] = [];
  #erroredThen = 0;

  /** @param mostErrors the last of them, at each look */
  constructor(reports: Reports, mostErrors: number) {
    this.#reports = reports;
    this.#mostErrors = mostErrors;
  }

  async read(code: string): Promise<Progress> {
    const batch = await this.#reports.batch(code);
    if (!batch) throw new Error(`The batch "${code}" is gone`);
    const { counts } = batch;
    const ended = endedOf(counts);
    this.#pace.add(ended, performance.now());
    return {
      batch,
      throughputPerSecond: this.#pace.perSecond,
      timeLeftMs: this.#pace.timeLeftMs(counts.total - ended),
      lastErrors: await this.#errorsOf(batch),
      stuck: counts.running > 0 ? await this.#reports.stuckInBatch(batch.id) : [],
    };
  }

  /**
   * They cost a pass over the batch, so they are read only when their number has changed: what failed while as many
   * were retried is told at the next change.
   */
  async #errorsOf({ id, counts }: BatchSummary): Promise<readonly LastError[]> {
    if (counts.errored !== this.#erroredThen)
      this.#lastErrors = await this.#reports.lastErrors(id, this.#mostErrors);
    this.#erroredThen = counts.errored;
    return this.#lastErrors;
  }
}
