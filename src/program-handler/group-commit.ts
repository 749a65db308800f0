import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { faultKind, type FaultKind } from './database-faults.js';
import { pauseMs } from './repeating.js';

/** How a lane of the bookkeeper commits its groups. */
export interface GroupCommitOptions<Item, Result> {
  /** Writes a whole group in one transaction; may be repeated with the same items. One result per item. */
  commit(items: readonly Item[]): Promise<readonly Result[]>;
  /** Whether a failed commit is tried again. What it refuses is rejected, with the error. */
  shouldRepeat(kind: FaultKind, elapsedMs: number): boolean;
  onFailedCommit(error: unknown): void;
  /** Most groups under way at once, each on a connection of its own. */
  readonly commitsAtOnce: number;
  /** A commit keeps this process from everything else, so that nothing arrives meanwhile. */
  readonly isBlocking: boolean;
  /** Rough size of an item in bytes; a group has at most MAX_GROUP_BYTES. */
  sizeOf(item: Item): number;
}

const MAX_GROUP_ITEMS = 1_000;
/** Smaller groups are not split to share them out: measured, the statements cost more than is won. */
const MIN_SHARED_ITEMS = 100;
const MAX_GROUP_BYTES = 4 * 1024 * 1024;

interface Waiting<Item, Result> {
  item: Item;
  since: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Everything that arrives while the commits under way are as many as may be goes into the next one. Nobody
 * waits for a timer: an idle lane commits a single item at once, a busy one amortises each commit over
 * hundreds of items. Where commits block, everything that arrives within one turn of the event loop goes together:
 * jobs that wait for something end one by one, each in a callback of its own.
 */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  /** Lanes that take groups, one after the other, until none waits. */
  #lanes = 0;
  /** Groups that are being committed. */
  #underWay = 0;
  #closedBecause: Error | undefined;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#lanes === 0;
  }

  get isClosed(): boolean {
    return this.#closedBecause !== undefined;
  }

  /** Resolves when the item is committed. */
  add(item: Item): Promise<Result> {
    if (this.#closedBecause) return Promise.reject(this.#closedBecause);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, since: performance.now(), resolve, reject });
      if (this.#lanes < this.#options.commitsAtOnce) void this.#commitAll();
    });
  }

  /** Rejects what waits and what would be repeated; a commit under way is awaited by its own callers. */
  close(reason: Error): void {
    this.#closedBecause ??= reason;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }

  async #commitAll(): Promise<void> {
    this.#lanes += 1;
    // One turn of the microtask queue lets callers that were woken together share their first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      if (this.#options.isBlocking) await nextTurn();
      const group = this.#takeGroup();
      // Closed meanwhile.
      if (group.length === 0) break;
      this.#underWay += 1;
      await this.#commit(group);
      this.#underWay -= 1;
    }
    this.#lanes -= 1;
  }

  #takeGroup(): Waiting<Item, Result>[] {
    let bytes = 0;
    let count = 0;
    const limit = this.#fairShare();
    for (const { item } of this.#waiting) {
      bytes += this.#options.sizeOf(item);
      if (count === limit || (count > 0 && bytes > MAX_GROUP_BYTES)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /**
   * What arrived together is shared out among the lanes that are free: else it would stay together for ever,
   * and this process and the database would wait for each other by turns.
   */
  #fairShare(): number {
    const share = Math.ceil(this.#waiting.length / (this.#options.commitsAtOnce - this.#underWay));
    return Math.min(MAX_GROUP_ITEMS, Math.max(MIN_SHARED_ITEMS, share));
  }

  async #commit(group: Waiting<Item, Result>[], failures = 0): Promise<void> {
    try {
      const results = await this.#options.commit(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      await this.#afterFailure(group, error, failures + 1);
    }
  }

  async #afterFailure(group: Waiting<Item, Result>[], error: unknown, failures: number): Promise<void> {
    const kind = faultKind(error);
    if (kind === 'data' && group.length > 1) return this.#split(group);
    const repeated = group.filter(({ since }) => this.#options.shouldRepeat(kind, performance.now() - since));
    for (const waiting of group) if (!repeated.includes(waiting)) waiting.reject(error);
    if (repeated.length === 0) return;
    this.#options.onFailedCommit(error);
    await delay(pauseMs(failures));
    if (!this.#closedBecause) return this.#commit(repeated, failures);
    for (const { reject } of repeated) reject(this.#closedBecause);
  }

  /** One row of the group is refused by the database: halving finds it, so that only its program fails. */
  async #split(group: Waiting<Item, Result>[]): Promise<void> {
    const middle = Math.ceil(group.length / 2);
    await this.#commit(group.slice(0, middle));
    await this.#commit(group.slice(middle));
  }
}
