import type { Knex } from 'knex';
import type { Transition } from '../../program/transition.js';
import type { ClaimedRow, Row } from '../rows.js';
import type { SqlTerms } from './sql-terms.js';

/** A database connection pool or a caller's transaction on it. */
export type Db = Knex | Knex.Transaction;

/** The guard of every later write of a claim. */
export interface Claim {
  readonly id: number;
  readonly fence: number;
  readonly claimedBy: string;
}

/** What a worker claims with. Repeating a claim with the same token gives the same programs again. */
export interface ClaimTerms {
  readonly claimedBy: string;
  readonly leaseMs: number;
}

/** A row to insert; exactly one of `dueAt` and `delayMs` is set. */
export interface NewProgram {
  readonly runId: string;
  /** Nothing to do: the program is finished as soon as it exists. */
  readonly isEmpty: boolean;
  /** JSON, as are the next two. */
  readonly jobs: string;
  readonly programData: string;
  readonly jobData: string;
  /** Epoch milliseconds. */
  readonly dueAt: number | null;
  /** From the moment of the insert, by the database clock. */
  readonly delayMs: number | null;
  /** 0: its hint follows, and the poll leaves it to that for a while. 1: nobody rings for it. */
  readonly fence: 0 | 1;
  /** The line that it waits in; left out: it waits in none. */
  readonly line?: NewLined;
}

/** What a program has that waits in a line. */
export interface NewLined {
  readonly lineId: number;
  /** null: it is in no batch. */
  readonly batchId: number | null;
  /** JSON of ProgramOptions. */
  readonly options: string | null;
}

/** All data of a program's jobs, replacing what is there. */
export interface JobDataWrite extends Claim {
  /** JSON: an object by job name. */
  readonly jobData: string;
}

/** How fresh rows are left to their hints before the poll takes them, in milliseconds. */
export type GraceMs = number;

/** What a poll looks for. */
export interface DueSearch {
  /** Most programs to claim. */
  readonly limit: number;
  readonly graceMs: GraceMs;
  /** Those that were due before this moment, in epoch milliseconds, are passed over. */
  readonly fromMs: number;
}

/**
 * The hot statements, each over a whole group of programs, once for every kind of database. All are
 * compare-and-set, so that they can be repeated when a reply was lost. Times are the database's own.
 */
export interface Dialect {
  readonly terms: SqlTerms;

  /**
   * How many groups of one kind of write may be under way at once: while one waits for the disk, the server
   * works on the other. 1 where writers exclude each other.
   */
  readonly commitsAtOnce: number;

  /** Its statements keep this process from everything else. */
  readonly isBlocking: boolean;

  /** Inserts; a row whose `runId` exists already stays as it is. */
  insert(programs: readonly NewProgram[], db: Db): Promise<void>;

  /** Claims what is due, or parked, of the programs that were rung for. */
  claimRung(runIds: readonly string[], terms: ClaimTerms): Promise<ClaimedRow[]>;

  /** Claims programs that are due, oldest first. */
  claimDue(search: DueSearch, terms: ClaimTerms): Promise<ClaimedRow[]>;

  /**
   * Milliseconds until a program may be claimed: 0 when one is due, undefined when none waits. Programs that
   * are claimed may be when their leases end, fresh ones when they are no longer left to their hints.
   */
  untilDueMs(graceMs: GraceMs): Promise<number | undefined>;

  /** Writes transitions with their attempts; resolves with the ids of the rows that were changed. */
  transition(changes: readonly Transition[], db: Db): Promise<number[]>;

  /**
   * Prepares a transaction in which somebody else's statements come first, so that its end cannot fail for
   * a lock that was to be had at its start.
   */
  beginWork(trx: Knex.Transaction): Promise<void>;

  /** One statement that changes nothing, in no transaction. */
  read(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;

  /**
   * The same for a text that reads little, by an index, where a planner expects very much to read, or finds a table
   * so small that it would read all of it: dead rows too.
   */
  survey(text: string): Promise<readonly Row[]>;

  /**
   * Runs several statements in one transaction; nothing stays of them when `work` rejects. May run `work` a
   * second time, after the first was rolled back.
   */
  inTransaction<T>(work: (trx: GroupTransaction) => Promise<T>): Promise<T>;

  /** The same within a caller's transaction. */
  within(trx: Knex.Transaction): GroupTransaction;

  /** Resolves with the ids of the rows that were changed. */
  saveJobData(writes: readonly JobDataWrite[]): Promise<number[]>;

  /** Sets the end of these claims to now plus `leaseMs`; resolves with the ids that are still held. */
  renew(claims: readonly Claim[], leaseMs: number): Promise<number[]>;
}

/** The statements of one transaction. Texts have a `?` for each value. */
export interface GroupTransaction {
  read(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  run(text: string, values?: readonly unknown[]): Promise<unknown>;
  transition(changes: readonly Transition[]): Promise<number[]>;
  /** Transitions by which programs give back their slots. */
  leave(changes: readonly Transition[]): Promise<GivenBack>;
  insert(programs: readonly NewProgram[]): Promise<unknown>;
}

/** What became of the transitions of programs that leave. */
export interface GivenBack {
  /** Of the rows that were changed. */
  readonly ids: readonly number[];
  /** Of their slots, which are gone, those that were settled: `program_id` and `claimed_by` of each. */
  readonly settled: readonly Row[];
}

/** What reads, in a transaction or in none. */
export type Reader = Pick<GroupTransaction, 'read'>;

/** The tables of one executor. */
export type { MigrationTables as TableNames } from '../../../migrations/index.js';

/** How many due rows are looked at for the first lease to end: the oldest, which are claimed first. */
export const MOST_HELD = 1_000;

/** `due_at` of programs that wait in lines or run from there: due for nobody, and not parked either. */
export const GATED = Number.MAX_SAFE_INTEGER - 1;

/** Marks a row that is not due by itself: an old row that got its `due_at` when the column was added. */
export const PARKED = Number.MAX_SAFE_INTEGER;
