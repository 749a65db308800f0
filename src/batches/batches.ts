import { setTimeout as delay } from 'node:timers/promises';
import {
  BatchEndedError,
  BatchExistsError,
  BatchNotFoundError,
  BatchTimeoutError,
  ConfigError,
} from '../errors/index.js';
import type { JobLibrary, JsonObject, ProgramOf } from '../jobs/index.js';
import type { InterruptionCriteria } from '../program/interruption.js';
import { isName } from '../program/names.js';
import type { ProgramHandler, BatchRow } from '../program-handler/index.js';
import { assertIterable, type ProgramCreator, type ProgramSource } from '../program-creator.js';
import {
  checkAddOptions,
  checkBatchListOptions,
  checkWaitOptions,
  type AddOptions,
  type BatchListOptions,
  type WaitOptions,
} from './batch-options.js';
import {
  assertReason,
  hasEnded,
  isId,
  keyOf,
  toBatch,
  toInterruption,
  toStats,
  type Batch,
  type BatchInput,
  type BatchInterruption,
  type BatchRef,
  type BatchStats,
} from './batch.js';
import { checkBatch } from './check-batch.js';

export interface BatchesParts {
  readonly programs: ProgramHandler;
  readonly creator: ProgramCreator;
  /** The executor's criteria. */
  readonly interruption: InterruptionCriteria | undefined;
  readonly assertOpen: (what: string) => void;
  /** Lets workers look for programs that can go on. */
  readonly wake: () => void;
}

const DEFAULT_LIST = 1_000;

/** Programs that belong together: counted, interrupted, resumed and cancelled together. */
export class Batches<Library extends JobLibrary = JobLibrary> {
  readonly #parts: BatchesParts;

  constructor(parts: BatchesParts) {
    this.#parts = parts;
  }

  /** @throws ConfigError naming the field, BatchExistsError */
  async create(input: BatchInput): Promise<Batch> {
    const { programs, interruption } = await this.#opened('batches.create');
    const row = await programs.batches.create(checkBatch(input, interruption, programs.payloadLimits));
    if (!row) throw new BatchExistsError(input.code);
    return toBatch(row);
  }

  /**
   * Adds programs; resolves with how many, when all are committed. From then on the batch completes with the last
   * of its programs, unless more are to come, or only some of these could be added. A source is read as fast as its
   * programs are committed.
   * @throws ConfigError, BatchNotFoundError, BatchEndedError, InvalidProgramError, PayloadTooLargeError
   */
  async addPrograms(
    batch: BatchRef,
    programs: ProgramSource<ProgramOf<Library>>,
    options: AddOptions = {},
  ): Promise<number> {
    const parts = await this.#opened('batches.addPrograms');
    checkAddOptions(options);
    const row = await this.#findUncancelled(batch);
    await parts.programs.batches.unseal(row.id);
    try {
      const added = await parts.creator.createFrom(programs, {}, row.id);
      if (!options.more) await parts.programs.batches.seal(row.id);
      return added;
    } catch (error) {
      // What refused the programs is what the caller is to hear.
      await this.#sealAgain(row).catch(() => undefined);
      throw error;
    }
  }

  /** Adds programs of this one job, one for each data of it. */
  addJobs(
    batch: BatchRef,
    job: keyof Library & string,
    dataList: ProgramSource<JsonObject>,
    options: AddOptions = {},
  ): Promise<number> {
    return this.addPrograms(batch, programsOf<Library>(job, dataList), options);
  }

  /** No more programs are being added: the batch completes with its last one. */
  async seal(batch: BatchRef): Promise<void> {
    const { programs } = await this.#opened('batches.seal');
    await programs.batches.seal((await this.#find(batch)).id);
  }

  /** undefined: there is none. */
  async get(id: number): Promise<Batch | undefined> {
    const { programs } = await this.#opened('batches.get');
    if (!isId(id))
      throw new ConfigError('id', 'expected a whole number; getByCode finds a batch by its code');
    const row = await programs.batches.find('id', id);
    return row && toBatch(row);
  }

  /** undefined: there is none. */
  async getByCode(code: string): Promise<Batch | undefined> {
    const { programs } = await this.#opened('batches.getByCode');
    if (!isName(code)) throw new ConfigError('code', 'expected a text of 1 to 255 characters, without NUL');
    const row = await programs.batches.find('code', code);
    return row && toBatch(row);
  }

  /**
   * Newest first.
   * @throws ConfigError naming the option that is wrong
   */
  async list(options: BatchListOptions = {}): Promise<Batch[]> {
    const { programs } = await this.#opened('batches.list');
    checkBatchListOptions(options);
    const { type, status, limit = DEFAULT_LIST } = options;
    return (await programs.batches.list({ type, status, limit })).map(toBatch);
  }

  /** @throws BatchNotFoundError */
  async stats(batch: BatchRef): Promise<BatchStats> {
    const { programs } = await this.#opened('batches.stats');
    const { id } = await this.#find(batch);
    const running = await programs.batches.running(id);
    // Read after those that run: what ends between the two is counted once, as ended.
    return toStats(await this.#find(id), running);
  }

  /** Newest first. */
  async interruptions(batch: BatchRef): Promise<BatchInterruption[]> {
    const { programs } = await this.#opened('batches.interruptions');
    return (await programs.batches.interruptions((await this.#find(batch)).id)).map(toInterruption);
  }

  /** Starts nothing more of this batch until `resume`; what runs goes on. */
  async interrupt(batch: BatchRef, reason = 'Interrupted by hand'): Promise<void> {
    const { programs } = await this.#opened('batches.interrupt');
    assertReason(reason);
    await programs.batches.interrupt((await this.#find(batch)).id, reason);
  }

  /** The same without a row that tells why. */
  async pause(batch: BatchRef): Promise<void> {
    const { programs } = await this.#opened('batches.pause');
    await programs.batches.pause((await this.#find(batch)).id);
  }

  /**
   * Goes on after an interruption or a pause; the criteria count from now.
   * @throws BatchNotFoundError, BatchEndedError
   */
  async resume(batch: BatchRef): Promise<void> {
    const { programs, wake } = await this.#opened('batches.resume');
    await programs.batches.resume((await this.#findUncancelled(batch)).id);
    wake();
  }

  /**
   * Lets its errored programs go on from their steps, their attempts counted anew; resolves with how many.
   * @throws BatchNotFoundError, BatchEndedError
   */
  async retryErrored(batch: BatchRef): Promise<number> {
    const { programs, wake } = await this.#opened('batches.retryErrored');
    const count = await programs.batches.retryErrored((await this.#findUncancelled(batch)).id);
    wake();
    return count;
  }

  /** Ends all that has not ended, and the batch; resolves with how many programs. */
  async cancel(batch: BatchRef, reason = 'Cancelled with its batch'): Promise<number> {
    const { programs } = await this.#opened('batches.cancel');
    assertReason(reason);
    return programs.batches.cancel((await this.#find(batch)).id, reason);
  }

  /**
   * Resolves when the batch has ended, or when it is interrupted and nothing of it runs any more.
   * @throws ConfigError, BatchTimeoutError, BatchNotFoundError
   */
  async waitFor(batch: BatchRef, options: WaitOptions = {}): Promise<Batch> {
    await this.#opened('batches.waitFor');
    checkWaitOptions(options);
    const { onProgress, timeoutMs = Infinity, intervalMs = 1_000 } = options;
    const startedAtMs = performance.now();
    for (;;) {
      const row = await this.#find(batch);
      const stats = await this.stats(row);
      await onProgress?.(stats);
      if (hasEnded(row)) return toBatch(row);
      // Read in this order: nothing of it has started since the row said so.
      if (row.status === 'interrupted' && stats.running === 0) return toBatch(row);
      const leftMs = timeoutMs - (performance.now() - startedAtMs);
      if (leftMs <= 0) throw new BatchTimeoutError(row.code, timeoutMs);
      await delay(Math.min(intervalMs, leftMs));
    }
  }

  async #opened(what: string): Promise<BatchesParts> {
    this.#parts.assertOpen(what);
    await this.#parts.programs.ensureTable();
    return this.#parts;
  }

  async #find(batch: BatchRef): Promise<BatchRow> {
    const key = keyOf(batch);
    const row = await this.#parts.programs.batches.find(typeof key === 'string' ? 'code' : 'id', key);
    if (!row) throw new BatchNotFoundError(String(key));
    return row;
  }

  /** Where nothing was added to a batch that was to get no more, it completes as before. */
  async #sealAgain({ id, isSealed, counts }: BatchRow): Promise<void> {
    if (isSealed && (await this.#find(id)).counts.total === counts.total)
      await this.#parts.programs.batches.seal(id);
  }

  async #findUncancelled(batch: BatchRef): Promise<BatchRow> {
    const row = await this.#find(batch);
    if (row.status === 'cancelled') throw new BatchEndedError(row.code, row.status);
    return row;
  }
}

async function* programsOf<Library extends JobLibrary>(
  job: keyof Library & string,
  dataList: ProgramSource<JsonObject>,
): AsyncGenerator<ProgramOf<Library>> {
  assertIterable(dataList, 'dataList');
  for await (const data of dataList)
    yield { jobs: [job], jobData: { [job]: data } } as unknown as ProgramOf<Library>;
}
