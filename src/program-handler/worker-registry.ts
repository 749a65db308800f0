import type { Knex } from 'knex';
import { DAY_MS } from '../program/durations.js';
import type { TableNames } from './dialects/dialect.js';
import type { SqlTerms } from './dialects/sql-terms.js';
import { parseJson, textOrNull, type Row } from './rows.js';

/** How often a worker shows that it is alive, in milliseconds. */
export const HEARTBEAT_MS = 40_000;
/** A worker that was not seen for so long counts as dead, in milliseconds. */
const ALIVE_MS = 3 * HEARTBEAT_MS;
/** The row of a worker that was not seen for so long is removed, in milliseconds. */
const FORGOTTEN_AFTER_MS = DAY_MS;

/** What a worker says of itself once. */
export interface WorkerIdentity {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Of this package. */
  readonly version: string;
  /** The names of the jobs it knows. */
  readonly jobs: readonly string[];
  /** Jobs that it runs at once, at most. */
  readonly slots: number;
  /** Code of the batch whose programs alone it runs; null: it runs all. */
  readonly batch: string | null;
}

/** What a worker says with each heartbeat. */
export interface WorkerPulse {
  /** Jobs that it runs. */
  readonly running: number;
  /** How late its timers were at most since the last heartbeat. */
  readonly eventLoopLagMs: number;
}

/** A worker as the registry shows it. */
export interface WorkerView extends WorkerIdentity, WorkerPulse {
  readonly startedAt: Date;
  readonly seenAt: Date;
  /** It was seen within the last two minutes, by the database clock. */
  readonly isAlive: boolean;
}

/** The rows in which workers show that they are alive. */
export class WorkerRegistry {
  readonly #knex: Knex;
  readonly #table: string;
  readonly #nowMs: string;

  constructor(knex: Knex, tables: TableNames, terms: SqlTerms) {
    this.#knex = knex;
    this.#table = tables.workers;
    this.#nowMs = terms.nowMs;
  }

  /** One statement, but for the first time. */
  async beat(worker: WorkerIdentity, { running, eventLoopLagMs }: WorkerPulse): Promise<void> {
    const pulse = { running, event_loop_lag_ms: eventLoopLagMs, seen_at: this.#now() };
    if ((await this.#rows().where({ id: worker.id }).update(pulse)) > 0) return;
    const { jobs, batch, ...identity } = worker;
    await this.#rows().insert({
      ...identity,
      jobs: JSON.stringify(jobs),
      batch_code: batch,
      ...pulse,
      started_at: this.#now(),
    });
  }

  async remove(workerId: string): Promise<void> {
    await this.#rows().where({ id: workerId }).delete();
  }

  /** Removes workers that died long ago. */
  async forgetDead(): Promise<void> {
    await this.#rows().where('seen_at', '<', this.#now(-FORGOTTEN_AFTER_MS)).delete();
  }

  /** All workers, those first that have run for longest. */
  async list(): Promise<WorkerView[]> {
    const isAlive = this.#knex.raw(`case when seen_at >= ${this.#nowMs} - ? then 1 else 0 end as is_alive`, [
      ALIVE_MS,
    ]);
    const rows = await this.#rows().orderBy(['started_at', 'id']).select<Row[]>('*', isAlive);
    return rows.map(toView);
  }

  /** The id of the worker whose turn it is to look after the tables: the first of those that are alive. */
  turn(): Knex.QueryBuilder {
    return this.#alive().min('id');
  }

  /** The codes of batches for which a worker of their own is alive. */
  attendedBatches(): Knex.QueryBuilder {
    return this.#alive().whereNotNull('batch_code').select('batch_code');
  }

  /** A worker is alive that runs the programs of all batches. */
  async isAnyoneAlive(): Promise<boolean> {
    return (await this.#alive().whereNull('batch_code').first('id')) !== undefined;
  }

  /** Holds for no row unless it is this worker's turn. */
  whileTurnOf(workerId: string): (query: Knex.QueryBuilder) => void {
    const earlier = this.#alive().where('id', '<', workerId).select(this.#knex.raw('1'));
    return (query) => void query.whereNotExists(earlier);
  }

  #alive(): Knex.QueryBuilder {
    return this.#rows().where('seen_at', '>=', this.#now(-ALIVE_MS));
  }

  #rows() {
    return this.#knex<Row>(this.#table);
  }

  #now(plusMs = 0) {
    return this.#knex.raw(`${this.#nowMs} + ${plusMs}`);
  }
}

function toView(row: Row): WorkerView {
  return {
    id: String(row['id']),
    host: String(row['host']),
    pid: Number(row['pid']),
    version: String(row['version']),
    jobs: parseJson(row['jobs'], []) as string[],
    slots: Number(row['slots']),
    batch: textOrNull(row['batch_code']),
    running: Number(row['running']),
    eventLoopLagMs: Number(row['event_loop_lag_ms']),
    startedAt: new Date(Number(row['started_at'])),
    seenAt: new Date(Number(row['seen_at'])),
    isAlive: Number(row['is_alive']) === 1,
  };
}
