import { cloneJson } from '../program/clone-json.js';
import { payloadJson, type PayloadLimits } from '../program/json-payload.js';

export type JobData = Record<string, unknown>;

/** Persists the data of all jobs, given as JSON. Rejects when that is not possible (any more). */
export type SaveJobData = (json: string) => Promise<void>;

/**
 * The data of all jobs of one claimed program, kept in memory as this claim is its only writer. Writes go
 * out one at a time; those that come meanwhile share the next one, which holds them all.
 */
export class ProgramData {
  readonly #data: Map<string, JobData>;
  readonly #save: SaveJobData;
  readonly #limits: PayloadLimits;
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(data: Readonly<Record<string, JobData>>, save: SaveJobData, limits: PayloadLimits) {
    this.#data = new Map(Object.entries(data));
    this.#save = save;
    this.#limits = limits;
  }

  /** A copy of one job's data. */
  get(job: string): JobData {
    return cloneJson(this.#data.get(job) ?? {});
  }

  /** Resolves when the data is in the database. Bad data rejects before anything is changed. */
  async replace(job: string, data: unknown): Promise<void> {
    const json = payloadJson(`jobData.${job}`, data, this.#limits);
    const before = this.#data.get(job);
    const replacement = JSON.parse(json) as JobData;
    this.#data.set(job, replacement);
    try {
      await this.#persist();
    } catch (error) {
      if (this.#data.get(job) === replacement) this.#restore(job, before);
      throw error;
    }
  }

  async merge(job: string, partial: unknown): Promise<void> {
    // Reads and replaces without a pause between, so that parallel merges build on each other.
    await this.replace(job, {
      ...this.#data.get(job),
      ...JSON.parse(payloadJson(`jobData.${job}`, partial, this.#limits)),
    });
  }

  /** Resolves when no write is under way; never rejects. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing.catch(() => undefined);
  }

  #restore(job: string, before: JobData | undefined): void {
    if (before) this.#data.set(job, before);
    else this.#data.delete(job);
  }

  #persist(): Promise<void> {
    if (!this.#writing) return this.#write();
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#write();
      });
    return this.#next;
  }

  #write(): Promise<void> {
    const writing = this.#save(JSON.stringify(Object.fromEntries(this.#data))).finally(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
    return writing;
  }
}
