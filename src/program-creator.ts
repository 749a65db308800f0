import { InvalidProgramError } from './errors/index.js';
import type { CreateOptions, ProgramInput } from './jobs/index.js';
import { nameOf } from './program/json-payload.js';
import type { ProgramHandler } from './program-handler/index.js';
import type { QueueManager } from './queue-manager/index.js';
import type { Emit } from './telemetry/events.js';

/** What `createPrograms` takes programs from when they are not to be held in memory at once. */
export type ProgramSource<Program> = Iterable<Program> | AsyncIterable<Program>;

/** Up to here each program is rung for; of more, only some are, and the poll finds the others. */
const RING_FOR_EACH_UP_TO = 100;
/** Of many programs, one in so many is rung for, and at least so many, so that all workers hear of it. */
const RING_FOR_ONE_IN = 20;
const RING_AT_LEAST = 32;

/** Programs of a source that are created together; two such chunks are under way at once. */
const CHUNK = 1_000;

/** Creates programs, and tells workers of them after the commit. */
export class ProgramCreator {
  readonly #programs: ProgramHandler;
  readonly #queue: QueueManager;
  readonly #emit: Emit;

  constructor(programs: ProgramHandler, queue: QueueManager, emit: Emit) {
    this.#programs = programs;
    this.#queue = queue;
    this.#emit = emit;
  }

  /** Resolves with the `runId`s, in order. */
  async create(programs: readonly ProgramInput[], options: CreateOptions): Promise<string[]> {
    const isMany = programs.length > RING_FOR_EACH_UP_TO;
    const created = await this.#programs.create(programs, options, isMany ? 'none' : 'hints');
    const due = created.filter(({ isDue }) => isDue).map(({ runId }) => runId);
    if (due.length > 0) void this.#announce(due, isMany, options.trx);
    for (const { runId, isFinished } of created)
      if (isFinished) this.#emit('programFinished', () => ({ runId, jobs: [] }));
    return created.map(({ runId }) => runId);
  }

  /** Reads on only as fast as programs are committed; resolves with how many there were. */
  async createFrom(source: ProgramSource<ProgramInput>, options: CreateOptions): Promise<number> {
    let count = 0;
    const failed = new AbortController();
    let underWay: Promise<unknown> = Promise.resolve();
    try {
      for await (const chunk of chunksOf(source)) {
        if (failed.signal.aborted) break;
        const before = underWay;
        underWay = this.create(chunk, options);
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

  /** A hint that is earlier than the caller's commit would find no row. */
  async #announce(runIds: readonly string[], isMany: boolean, trx: CreateOptions['trx']): Promise<void> {
    try {
      await trx?.executionPromise;
    } catch {
      // Rolled back: nobody to ring for.
      return;
    }
    if (isMany) await this.#queue.ringForMore(someOf(runIds));
    else await this.#queue.ring(runIds);
  }
}

function someOf(runIds: readonly string[]): string[] {
  const step = Math.max(1, Math.min(RING_FOR_ONE_IN, Math.floor(runIds.length / RING_AT_LEAST)));
  return runIds.filter((_, index) => index % step === 0);
}

async function* chunksOf<T>(source: ProgramSource<T>): AsyncGenerator<T[]> {
  assertIterable(source);
  let chunk: T[] = [];
  for await (const item of source) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function assertIterable(source: unknown): void {
  const isIterable =
    typeof source === 'object' &&
    source !== null &&
    (Symbol.iterator in source || Symbol.asyncIterator in source);
  if (!isIterable)
    throw new InvalidProgramError(
      'programs',
      `expected an array or an iterable of programs, got ${nameOf(source)}`,
    );
}
