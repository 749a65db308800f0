import { endToForget, isTooYoung, type AgedProgram, type Retention } from '../program/retention.js';
import { AdaptiveSize } from './adaptive-size.js';
import { sumOf, type Pruned, type Pruner, type Restriction } from './pruner.js';
import { repeatingHeard } from './repeating.js';

/** What a walk through the programs is for. */
export interface PruneOrder {
  readonly retention: Retention;
  /** Programs of the older library that this one never ran go as well. */
  readonly withTakenOver: boolean;
  readonly restriction: Restriction;
  /** Deletes these programs. */
  remove(programs: readonly AgedProgram[]): Promise<Pruned>;
}

export interface PruneStep {
  readonly pruned: Pruned;
  /** There are no programs beyond. */
  readonly isAtEnd: boolean;
  /** Nothing that was created later than these programs can be old enough either. */
  readonly isAtYoung: boolean;
  /** How long the deleting took, in milliseconds. */
  readonly deletingMs: number;
}

/** Rows that are looked at in one go: reading them locks nothing, but keeps SQLite's process from all else. */
const LOOKED_AT = { min: 100, max: 2_000, targetMs: 20 };
/** Programs that are deleted in one go: the database may keep others waiting meanwhile. */
const DELETED = { min: 10, max: 500, targetMs: 40 };

/**
 * A walk along the ids, page by page: deletes what need not be kept, and passes over the rest without coming
 * back to it. Ids grow with time, so that what ended long ago comes first.
 */
export class PruneWalk {
  readonly #pruner: Pruner;
  readonly #order: PruneOrder;
  readonly #lookedAt = new AdaptiveSize(LOOKED_AT);
  readonly #deleted = new AdaptiveSize(DELETED);
  #afterId = 0;

  constructor(pruner: Pruner, order: PruneOrder) {
    this.#pruner = pruner;
    this.#order = order;
  }

  /** Begins anew. */
  restart(): void {
    this.#afterId = 0;
  }

  /**
   * Looks at the next page, and deletes of it what need not be kept, `most` programs at most; where there are
   * more, it is the last page of the walk.
   * @throws DatabaseUnavailableError; the next call looks at the same page again
   */
  async next(most = Infinity): Promise<PruneStep> {
    const page = await this.#page();
    const found = page.filter((program) => this.#isToGo(program)).slice(0, most);
    const startedAtMs = performance.now();
    const pruned = await this.#remove(found);
    const deletingMs = found.length === 0 ? 0 : performance.now() - startedAtMs;
    this.#afterId = page.at(-1)?.id ?? this.#afterId;
    const { retention } = this.#order;
    return {
      pruned,
      deletingMs,
      isAtEnd: page.length === 0,
      isAtYoung: page.every((program) => isTooYoung(program, retention)),
    };
  }

  #isToGo(program: AgedProgram): boolean {
    const { retention, withTakenOver } = this.#order;
    return endToForget(program, retention) !== undefined && (withTakenOver || !program.isTakenOver);
  }

  async #page(): Promise<AgedProgram[]> {
    const startedAtMs = performance.now();
    const { size } = this.#lookedAt;
    const page = await repeatingHeard('Looking for old programs', () =>
      this.#pruner.page(this.#afterId, size, this.#order.restriction),
    );
    this.#lookedAt.took(performance.now() - startedAtMs);
    return page;
  }

  async #remove(programs: readonly AgedProgram[]): Promise<Pruned> {
    const { remove } = this.#order;
    const removed: Pruned[] = [];
    for (let from = 0; from < programs.length;) {
      const startedAtMs = performance.now();
      const portion = programs.slice(from, from + this.#deleted.size);
      removed.push(await repeatingHeard('Deleting old programs', () => remove(portion)));
      this.#deleted.took(performance.now() - startedAtMs);
      from += portion.length;
    }
    return sumOf(removed);
  }
}
