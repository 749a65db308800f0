import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Retention } from '../program/retention.js';
import { BacklogReader, type Backlog } from './backlog-reader.js';
import type { Dialect, TableNames } from './dialects/dialect.js';
import type { LineTables } from './lines/line-tables.js';
import { giveOwnSlots } from './lines/recent-claims.js';
import { PruneWalk } from './prune-walk.js';
import { Pruner, sumOf, type Pruned } from './pruner.js';
import { repeatingHeard } from './repeating.js';
import { WorkerRegistry, type WorkerIdentity, type WorkerPulse, type WorkerView } from './worker-registry.js';

/** Which programs somebody wants to be rid of. */
export interface PruneRequest {
  readonly retention: Retention;
  /** Programs of the older library that this one never ran go as well. */
  readonly withTakenOver: boolean;
  /** Most programs to delete. */
  readonly limit: number;
  /** Only counts. */
  readonly dryRun: boolean;
}

/** What the tables need beside the programs that run: who is there, what waits, what may go. */
export class Upkeep {
  readonly #registry: WorkerRegistry;
  readonly #backlog: BacklogReader;
  readonly #pruner: Pruner;
  readonly #dialect: Dialect;
  readonly #lines: LineTables;

  constructor(knex: Knex, tables: TableNames, dialect: Dialect, lines: LineTables) {
    this.#dialect = dialect;
    this.#lines = lines;
    this.#registry = new WorkerRegistry(knex, tables, dialect.terms);
    this.#backlog = new BacklogReader(knex, tables, dialect.terms, this.#registry);
    this.#pruner = new Pruner(knex, tables, dialect, lines);
  }

  workers(): Promise<WorkerView[]> {
    return repeatingHeard('Reading workers', () => this.#registry.list());
  }

  /** Shows that a worker is alive. Tried once: the next heartbeat is as good. */
  beat(worker: WorkerIdentity, pulse: WorkerPulse): Promise<void> {
    return this.#registry.beat(worker, pulse);
  }

  /** Removes the row of a worker that stops, and its recent claims: nobody else knows what became of them. */
  leave(workerId: string): Promise<void> {
    return repeatingHeard('Removing a worker', async () => {
      await this.#registry.remove(workerId);
      await giveOwnSlots(this.#dialect, this.#lines);
    });
  }

  /** Removes the rows of workers that died long ago. */
  forgetDeadWorkers(): Promise<void> {
    return repeatingHeard('Removing workers', () => this.#registry.forgetDead());
  }

  /** What waits, for the worker whose turn it is; undefined for the others. */
  backlog(workerId: string): Promise<Backlog | undefined> {
    return repeatingHeard('Reading the backlog', () => this.#backlog.readFor(workerId));
  }

  /** A walk that finds programs only while it is this worker's turn. */
  pruneWalk(retention: Retention, workerId: string): PruneWalk {
    return new PruneWalk(this.#pruner, {
      retention,
      withTakenOver: false,
      restriction: this.#registry.whileTurnOf(workerId),
      remove: (programs) => this.#pruner.remove(programs, retention),
    });
  }

  /** Walks through all programs once; resolves with what was deleted. */
  async prune({ retention, withTakenOver, limit, dryRun }: PruneRequest): Promise<Pruned> {
    const walk = new PruneWalk(this.#pruner, {
      retention,
      withTakenOver,
      restriction: () => undefined,
      remove: (programs) =>
        dryRun ? this.#pruner.count(programs, retention) : this.#pruner.remove(programs, retention),
    });
    let total = sumOf([]);
    for (;;) {
      const { pruned, isAtEnd, deletingMs } = await walk.next(limit - total.finished - total.errored);
      total = sumOf([total, pruned]);
      if (isAtEnd || total.finished + total.errored >= limit) return total;
      // Half of the time is left to the programs that run; SQLite answers without a turn of the event loop.
      await (deletingMs > 0 ? delay(deletingMs) : setImmediate());
    }
  }
}
