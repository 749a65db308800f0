import type { Knex } from 'knex';
import { isSqlite } from '../../../migrations/migration.js';
import { repeating } from '../repeating.js';
import { lastErrors, type LastError } from './batch-details.js';
import { batchReport, type BatchReport } from './batch-report.js';
import { findBatch, latestBatch, listBatches, type BatchFilter, type BatchSummary } from './batches.js';
import {
  attendance,
  clockDifferenceMs,
  countRows,
  refusedWrites,
  schemaState,
  type Attendance,
  type RefusedWrite,
  type RowCounts,
  type SchemaState,
} from './health.js';
import { listPrograms, type ListedProgram, type ProgramFilter } from './list-programs.js';
import { reportSource, type ReportSource } from './report-source.js';
import { stuckInBatch, stuckPrograms, type StuckProgram } from './stuck-programs.js';

/** What people ask about programs and batches. Nothing here changes a row, or makes a table. */
export class Reports {
  readonly #source: ReportSource;
  /** The database is a file of SQLite: there is no server, and nobody grants anything. */
  readonly isOnFile: boolean;

  /** @throws ProgramExecutorError PE_UNSUPPORTED_DATABASE */
  constructor(knex: Knex, tableName: string) {
    this.#source = reportSource(knex, tableName);
    this.isOnFile = isSqlite(knex);
  }

  programs(filter: ProgramFilter): Promise<ListedProgram[]> {
    return this.#read('Listing programs', () => listPrograms(this.#source, filter));
  }

  batches(filter: BatchFilter = {}): Promise<BatchSummary[]> {
    return this.#read('Listing batches', () => listBatches(this.#source, filter));
  }

  batch(code: string): Promise<BatchSummary | undefined> {
    return this.#read('Reading a batch', () => findBatch(this.#source, code));
  }

  latestBatch(): Promise<BatchSummary | undefined> {
    return this.#read('Reading a batch', () => latestBatch(this.#source));
  }

  batchReport(batch: BatchSummary, limitErrors: number): Promise<BatchReport> {
    return this.#read('Reporting on a batch', () => batchReport(this.#source, batch, limitErrors));
  }

  lastErrors(batchId: number, limit: number): Promise<LastError[]> {
    return this.#read('Reading errors', () => lastErrors(this.#source, batchId, limit));
  }

  stuckInBatch(batchId: number): Promise<StuckProgram[]> {
    return this.#read('Looking for stuck programs', () => stuckInBatch(this.#source, batchId));
  }

  stuckPrograms(): Promise<StuckProgram[]> {
    return this.#read('Looking for stuck programs', () => stuckPrograms(this.#source));
  }

  schemaState(): Promise<SchemaState> {
    return this.#read('Looking at the tables', () => schemaState(this.#source));
  }

  /** How far the clock of the database is ahead of this machine's. */
  clockDifferenceMs(): Promise<number> {
    return this.#read('Reading the clock', () => clockDifferenceMs(this.#source));
  }

  refusedWrites(): Promise<RefusedWrite[]> {
    return this.#read('Asking for permissions', () => refusedWrites(this.#source));
  }

  countRows(): Promise<RowCounts> {
    return this.#read('Counting programs', () => countRows(this.#source));
  }

  attendance(): Promise<Attendance> {
    return this.#read('Looking for workers', () => attendance(this.#source));
  }

  #read<T>(what: string, work: () => Promise<T>): Promise<T> {
    return repeating(what, work);
  }
}
