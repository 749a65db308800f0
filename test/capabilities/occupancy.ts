import type { DefinedJob, JobPolicy } from '../../index.js';
import { gate, job, type Fixture } from '../contract/harness.js';
import { Inbox } from '../support/inbox.js';

/** A job that says which of its executions are under way, over all workers of the test. */
export class Occupancy {
  /** What was started, by `programData.name`. */
  readonly started = new Inbox<string>();
  /** What stays until it is let go; the others end at once. */
  readonly #gates = new Map<string, ReturnType<typeof gate<undefined>>>();
  #running = 0;
  peak = 0;

  /** These are held, each until `letGo`. */
  hold(...names: string[]): this {
    for (const name of names) this.#gates.set(name, gate<undefined>());
    return this;
  }

  letGo(...names: string[]): void {
    for (const name of names) this.#gates.get(name)?.open(undefined);
  }

  job<const Name extends string>(name: Name, policy: JobPolicy = {}): Record<Name, DefinedJob<Name>> {
    return job(name, (message) => this.#run(String(message.programData['name'])), policy);
  }

  async #run(name: string): Promise<void> {
    this.#running += 1;
    this.peak = Math.max(this.peak, this.#running);
    this.started.add(name);
    // Also what is not held lets others start beside it.
    await (this.#gates.get(name)?.opened ?? new Promise(setImmediate));
    this.#running -= 1;
  }
}

/** Several workers, each of an executor of its own on the test's table. */
export async function workTogether(
  t: Fixture,
  library: Parameters<Fixture['work']>[0],
  count = 3,
  concurrency = 10,
): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await t.work(library, { concurrency }, index === 0 ? t.executor : t.createExecutor());
}

/** Resolves when all have ended. */
export async function allEnded(t: Fixture, runIds: readonly string[]): Promise<void> {
  for (const runId of runIds) await t.ended(runId);
}

export async function poolNamed(t: Fixture, name: string) {
  const pool = (await t.executor.pools.list()).find((each) => each.name === name);
  if (!pool) throw new Error(`No pool ${name}`);
  return pool;
}
