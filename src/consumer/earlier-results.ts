import { cloneJson } from '../program/clone-json.js';

/** What the jobs before have returned. */
export class EarlierResults {
  /** By the job's name. A map, as any text may be one. */
  readonly #results = new Map<string, unknown>();

  /** @param result as it came from JSON */
  add(job: string, result: unknown): void {
    this.#results.set(job, result);
  }

  /** Copies those that are there now whenever it is called, so that no job changes what others see. */
  copier(): () => Readonly<Record<string, unknown>> {
    const results = Object.fromEntries(this.#results);
    return () => cloneJson(results);
  }
}
