import { InvalidProgramError } from './errors/index.js';
import type { CreateOptions, ProgramInput } from './jobs/index.js';
import { nameOf } from './program/json-payload.js';
import { monotonicMs } from './program/monotonic-clock.js';
import type { AfterCommit, PreparedProgram, ProgramHandler } from './program-handler/index.js';
import { EARLY_HINT_MS, type QueueManager } from './queue-manager/index.js';
import type { Emit } from './telemetry/events.js';
import { endOf } from './transaction-end.js';

/** What `createPrograms` takes programs from when they are not to be held in memory at once. */
export type ProgramSource<Program> = Iterable<Program> | AsyncIterable<Program>;

/** Up to here each program is rung for; of more, only some are, and the poll finds the others. */
const RING_FOR_EACH_UP_TO = 100;
/**
 * Of many programs, one in so many is rung for: a worker has room for more. Of a million, hints for one in 20 took a
 * fifth of what worker and database did, as each led to a row far from those that the poll found.
 */
const RING_FOR_ONE_IN = 200;
/** At least for so many, so that all workers hear of it. */
const RING_AT_LEAST = 32;

/** Programs of a source that are created together; two such chunks are under way at once. */
const CHUNK = 1_000;

/** Creates programs, and tells workers of them after the commit. */
export class ProgramCreator {
  readonly #programs: ProgramHandler;
  readonly #queue: QueueManager;
  readonly #emit: Emit;
  /** What is committed, and workers are being told of. */
  readonly #telling = new Set<Promise<void>>();

  constructor(programs: ProgramHandler, queue: QueueManager, emit: Emit) {
    this.#programs = programs;
    this.#queue = queue;
    this.#emit = emit;
  }

  /**
   * Resolves with the `runId`s, in order.
   * @param batchId null: they are of none
   * @param ringAtLeast for so many of them, where they are many
   */
  async create(
    programs: readonly ProgramInput[],
    options: CreateOptions,
    batchId: number | null = null,
    ringAtLeast = RING_AT_LEAST,
  ): Promise<string[]> {
    const isMany = programs.length > RING_FOR_EACH_UP_TO;
    const prepared = this.#programs.prepare(programs, options, isMany ? 'none' : 'hints', batchId);
    const isAwaited = this.#ringEarly(prepared, options);
    const { runIds, fresh, afterCommit } = await this.#programs.insert(prepared, options.trx);
    if (!isAwaited()) void this.#announce(fresh, afterCommit, options.trx, ringAtLeast);
    const told = this.#tellOfEmpty(fresh, options);
    // Its transaction is for the caller to end.
    if (!options.trx) await told;
    return runIds;
  }

  /**
   * While nothing else is being created, the hint goes out together with the row: a broker takes longer than
   * the commit. What is returned tells whether its worker still waits for the row.
   */
  #ringEarly(prepared: readonly PreparedProgram[], { trx }: CreateOptions): () => boolean {
    const [only, second] = prepared;
    if (
      !only ||
      second ||
      trx ||
      !this.#queue.distributed ||
      !this.#programs.isIdle ||
      !isDue(only) ||
      only.owner ||
      only.idempotencyKey !== undefined
    )
      return () => false;
    const rungAtMs = monotonicMs();
    void this.#queue.ring([only.runId], 'early');
    return () => monotonicMs() - rungAtMs < EARLY_HINT_MS;
  }

  /** Reads on only as fast as programs are committed; resolves with how many there were. */
  async createFrom(
    source: ProgramSource<ProgramInput>,
    options: CreateOptions,
    batchId: number | null = null,
  ): Promise<number> {
    let count = 0;
    const failed = new AbortController();
    let underWay: Promise<unknown> = Promise.resolve();
    try {
      for await (const chunk of chunksOf(source)) {
        if (failed.signal.aborted) break;
        const before = underWay;
        // Whoever heard of the first chunk goes on as long as there are more.
        underWay = this.create(chunk, options, batchId, count === 0 ? RING_AT_LEAST : 1);
        underWay.catch(() => failed.abort());
        await before;
        count += chunk.length;
      }
      await underWay;
    } finally {
      await Promise.allSettled([underWay]);
    }
    return count;
  }

  /** Programs without jobs are finished as soon as they are committed. */
  async #tellOfEmpty(programs: readonly PreparedProgram[], options: CreateOptions): Promise<void> {
    const empty = programs.filter(({ isEmpty, owner }) => isEmpty && !owner).map(({ runId }) => runId);
    if (empty.length === 0) return;
    const isCertain = !options.trx && options.runId === undefined;
    const finished = isCertain ? empty : await this.#finishedOf(empty, options.trx);
    for (const runId of finished) this.#emit('programFinished', () => ({ runId, jobs: [] }));
  }

  /** A rollback leaves none of them, and a `runId` of the caller's may be that of another program. */
  async #finishedOf(runIds: readonly string[], trx: CreateOptions['trx']): Promise<string[]> {
    if (!(await endOf(trx))) return [];
    // Nobody is told where that cannot be read; the programs are there all the same.
    return this.#programs.finishedWithoutJobs(runIds).catch(() => []);
  }

  /** A hint that is earlier than the caller's commit would find no row. */
  async #announce(
    programs: readonly PreparedProgram[],
    afterCommit: AfterCommit,
    trx: CreateOptions['trx'],
    ringAtLeast: number,
  ): Promise<void> {
    // Rolled back: nobody to ring for.
    if (!(await endOf(trx))) return;
    const telling = this.#tell(programs, afterCommit, ringAtLeast);
    this.#telling.add(telling);
    await telling;
    this.#telling.delete(telling);
  }

  /** Resolves when workers have been told of all that is committed. */
  async told(): Promise<void> {
    await Promise.all(this.#telling);
  }

  async #tell(
    programs: readonly PreparedProgram[],
    afterCommit: AfterCommit,
    ringAtLeast: number,
  ): Promise<void> {
    // Should it fail, workers find the programs a while later.
    await afterCommit().catch(() => undefined);
    const due = programs.filter(isDue);
    const lined = due.filter(({ owner }) => owner);
    const plain = due.filter(({ owner }) => !owner);
    const isMany = plain.length > RING_FOR_EACH_UP_TO;
    await Promise.all([
      isMany ? this.#ringForPoll(plain, ringAtLeast) : this.#ringForEach(plain),
      this.#ringForPoll(lined, ringAtLeast),
    ]);
  }

  async #ringForEach(programs: readonly PreparedProgram[]): Promise<void> {
    if (programs.length > 0) await this.#queue.ring(programs.map(({ runId }) => runId));
  }

  async #ringForPoll(programs: readonly PreparedProgram[], atLeast: number): Promise<void> {
    if (programs.length === 0) return;
    const runIds = programs.map(({ runId }) => runId);
    await this.#queue.ring(someOf(runIds, atLeast), 'more');
  }
}

/** By this process's clock: a hint that comes too early is refused, and the poll finds the row. */
function isDue({ isEmpty, owner, delayMs, dueAt }: PreparedProgram): boolean {
  return (!isEmpty || owner !== undefined) && (delayMs === 0 || (dueAt !== null && dueAt <= Date.now()));
}

function someOf(runIds: readonly string[], atLeast: number): string[] {
  const step = Math.max(1, Math.min(RING_FOR_ONE_IN, Math.floor(runIds.length / atLeast)));
  return runIds.filter((_, index) => index % step === 0);
}

async function* chunksOf<T>(source: ProgramSource<T>): AsyncGenerator<T[]> {
  assertIterable(source, 'programs');
  let chunk: T[] = [];
  for await (const item of source) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** @throws InvalidProgramError that names what was given */
export function assertIterable(source: unknown, name: string): void {
  const isIterable =
    typeof source === 'object' &&
    source !== null &&
    (Symbol.iterator in source || Symbol.asyncIterator in source);
  if (!isIterable)
    throw new InvalidProgramError(name, `expected an array or an iterable, got ${nameOf(source)}`);
}
