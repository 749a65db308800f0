import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { ProgramExecutor } from '../../index.js';
import { GATED } from '../../src/program-handler/dialects/dialect.js';
import { sqlTermsOf, type SqlTerms } from '../../src/program-handler/dialects/sql-terms.js';
import type { DatabaseKind } from '../support/databases.js';
import { QUIET } from '../support/quiet-knex.js';

/** An execution of a program's job that came to an end. */
export interface AttemptRow {
  readonly outcome: 'succeeded' | 'retried' | 'failed';
  readonly tookMs: number;
  /** Before the newest moment that the test knows. */
  readonly endedAgoMs?: number;
}

export interface ProgramRow {
  readonly state: 'waiting' | 'running' | 'finished' | 'errored' | 'cancelled';
  readonly runId?: string;
  readonly jobs?: readonly string[];
  readonly step?: number;
  readonly error?: string;
  readonly attempts?: readonly AttemptRow[];
  /** Of one that runs: since it was claimed or saved anything. */
  readonly idleMinutes?: number;
  /** Of one that runs: the end of its lease, from now on. */
  readonly leaseMs?: number;
  /** Of one that runs: it has no slot yet. */
  readonly isClaimRecent?: boolean;
  /** Of one that waits: due so long ago. */
  readonly dueAgoMs?: number;
  readonly options?: object;
}

export interface BatchRow {
  readonly code: string;
  readonly type?: string;
  readonly status?: 'active' | 'interrupted' | 'completed' | 'cancelled';
  readonly isPaused?: boolean;
  readonly retried?: number;
  readonly createdAgoMs?: number;
  readonly programs?: readonly ProgramRow[];
}

const AGO: Readonly<Record<DatabaseKind, (minutes: number) => string>> = {
  postgres: (minutes) => `statement_timestamp() - interval '${minutes} minutes'`,
  mysql: (minutes) => `current_timestamp(3) - interval ${minutes} minute`,
  sqlite: (minutes) => `strftime('%Y-%m-%d %H:%M:%f', 'now', '-${minutes} minutes')`,
};
const DIALECTS: Readonly<Record<DatabaseKind, string>> = {
  postgres: 'postgresql',
  mysql: 'mysql',
  sqlite: 'sqlite3',
};

/** Writes batches and programs into the tables, in states that are hard to come by otherwise. */
export class BatchRows {
  readonly knex: Knex;
  readonly table: string;
  readonly #kind: DatabaseKind;
  readonly #terms: SqlTerms;
  #programs = 0;
  #workers = 0;

  constructor(config: Knex.Config, kind: DatabaseKind, table: string) {
    this.knex = knexPackage({ ...QUIET, ...config });
    this.table = table;
    this.#kind = kind;
    this.#terms = sqlTermsOf(DIALECTS[kind]);
  }

  /** The tables, as a worker makes them. */
  async migrate(): Promise<void> {
    const executor = ProgramExecutor.create({ knex: this.knex, tableName: this.table });
    await executor.migrate();
    await executor.close();
  }

  async drop(): Promise<void> {
    for (const name of Object.values({ ...tablesOf(this.table) }))
      await this.knex.schema.dropTableIfExists(name);
    await this.knex.destroy();
  }

  /** Its tables, that of the programs first. */
  async existingTables(): Promise<string[]> {
    const names = Object.values({ ...tablesOf(this.table) });
    const exist = await Promise.all(names.map((name) => this.knex.schema.hasTable(name)));
    return names.filter((_, index) => exist[index]);
  }

  async batch({ code, type, status = 'active', programs = [], ...row }: BatchRow): Promise<number> {
    const count = (state: ProgramRow['state']) => programs.filter((each) => each.state === state).length;
    const createdAt = this.#now(-(row.createdAgoMs ?? 0));
    await this.knex(`${this.table}_batches`).insert({
      code,
      type: type ?? null,
      status,
      is_paused: row.isPaused ? 1 : 0,
      total: programs.length,
      finished: count('finished'),
      errored: count('errored'),
      cancelled: count('cancelled'),
      retried: row.retried ?? 0,
      created_at: createdAt,
      completed_at: status === 'completed' ? this.#now(0) : null,
    });
    const id = await this.idOf(code);
    for (const program of programs) await this.program(program, id);
    return id;
  }

  async idOf(code: string): Promise<number> {
    const row = await this.knex(`${this.table}_batches`).where({ code }).first('id');
    return Number(row?.id);
  }

  async program(program: ProgramRow, batchId: number | null = null): Promise<string> {
    this.#programs += 1;
    const runId = program.runId ?? `run-${this.#programs}`;
    const { state, jobs = ['send'], step = 0, error = null, options } = program;
    const isCancelled = state === 'cancelled';
    await this.knex(this.table).insert({
      run_id: runId,
      jobs: JSON.stringify(jobs),
      program_data: '{}',
      job_data: '{}',
      step,
      error_message: error,
      due_at: program.dueAgoMs === undefined ? GATED : this.#now(-program.dueAgoMs),
      fence: 1,
      created_at: this.knex.raw(this.#terms.timestamp),
      updated_at: this.knex.raw(AGO[this.#kind](program.idleMinutes ?? 0)),
      finished_at: state === 'finished' ? this.knex.raw(this.#terms.timestamp) : null,
      errored_at: state === 'errored' || isCancelled ? this.knex.raw(this.#terms.timestamp) : null,
      cancelled_at: isCancelled ? this.#now(0) : null,
      batch_id: batchId,
      options: options === undefined ? null : JSON.stringify(options),
    });
    const row = await this.knex(this.table).where({ run_id: runId }).first('id');
    if (state === 'running') await this.#claim(Number(row?.id), batchId, program);
    for (const attempt of program.attempts ?? []) await this.#attempt(Number(row?.id), program, attempt);
    return runId;
  }

  /** A batch whose programs have all errored with `Page <number> not found`, each number from 0 once. */
  async manyErrored(code: string, count: number): Promise<number> {
    const id = await this.batch({ code, status: 'completed' });
    await this.knex(`${this.table}_batches`).where({ id }).update({ total: count, errored: count });
    const rows = Array.from({ length: count }, (_, number) => ({
      run_id: `${code}-${number}`,
      jobs: '["page"]',
      program_data: '{}',
      job_data: '{}',
      error_message: `Page ${number} not found`,
      due_at: GATED,
      fence: 1,
      errored_at: this.knex.raw(this.#terms.timestamp),
      batch_id: id,
    }));
    await this.knex.batchInsert(this.table, rows, ROWS_AT_ONCE);
    return id;
  }

  /** A worker that runs only what that batch has; null: one that runs all. */
  async workerOf(code: string | null, { seenAgoMs }: { seenAgoMs: number }): Promise<void> {
    this.#workers += 1;
    const seen = this.#now(-seenAgoMs);
    await this.knex(`${this.table}_workers`).insert({
      id: `host:${this.#workers}`,
      host: 'host',
      pid: this.#workers,
      version: '1.0.0',
      jobs: '[]',
      slots: 1,
      running: 0,
      event_loop_lag_ms: 0,
      started_at: seen,
      seen_at: seen,
      batch_code: code,
    });
  }

  async #claim(
    id: number,
    batchId: number | null,
    { leaseMs = 60_000, isClaimRecent = false }: ProgramRow,
  ): Promise<void> {
    const claimed_by = `host:1:${id}`;
    await this.knex(this.table)
      .where({ id })
      .update({ claimed_by, claimed_until: this.#now(leaseMs) });
    if (batchId === null) return;
    const claim = { claimed_by, claimed_at: this.#now(0), program_ids: JSON.stringify({ 1: [id] }) };
    const slot = {
      program_id: id,
      claimed_by,
      batch_id: batchId,
      line_id: 1,
      pool_id: 1,
      line_key: '',
    };
    if (isClaimRecent) await this.knex(`${this.table}_recent_claims`).insert(claim);
    else await this.knex(`${this.table}_slots`).insert(slot);
  }

  async #attempt(programId: number, program: ProgramRow, attempt: AttemptRow): Promise<void> {
    const { jobs = ['send'], step = 0, attempts = [] } = program;
    const { outcome, tookMs, endedAgoMs = 0 } = attempt;
    await this.knex(`${this.table}_attempts`).insert({
      program_id: programId,
      step,
      job: jobs[step] ?? 'send',
      attempt: attempts.indexOf(attempt) + 1,
      outcome,
      worker: 'host:1',
      started_at: EPOCH_MS - endedAgoMs - tookMs,
      finished_at: EPOCH_MS - endedAgoMs,
    });
  }

  #now(plusMs: number): Knex.Raw {
    return this.knex.raw(`${this.#terms.nowMs} + ${plusMs}`);
  }
}

/** SQLite takes no more in one statement. */
const ROWS_AT_ONCE = 500;

/** When executions ended: only their distances count. */
const EPOCH_MS = Date.UTC(2026, 0, 1);
