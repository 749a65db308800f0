import type { Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import type { CreateOptions, ProgramInput } from '../jobs/job.js';
import type { PayloadLimits } from '../program/json-payload.js';
import type { ProgramView } from '../program/program.js';
import { explainRefusal, explainRefusedTransition, type ClaimEnd } from '../program/refusal.js';
import type { Transition } from '../program/transition.js';
import type { LineFacts } from '../program/why-in-line.js';
import type { Logger } from '../telemetry/logger.js';
import { Bookkeeper } from './bookkeeper.js';
import type { ClaimLane } from './claim-lane.js';
import { createControl, type Control } from './control/index.js';
import { checkCreateOptions } from './create-options.js';
import { createDialect, type DialectChoice } from './dialects/create-dialect.js';
import type { Claim, Dialect, JobDataWrite, TableNames } from './dialects/dialect.js';
import { listeningKnex } from './dialects/listening-knex.js';
import { expireClaims, type ExpiredClaims } from './expire-claims.js';
import { hastenNext } from './hasten-next.js';
import { insertAll, type Inserted } from './insert-all.js';
import { letGo } from './let-go.js';
import { BatchStore } from './lines/batch-store.js';
import { isLeaving } from './lines/leave.js';
import { lineFacts } from './lines/line-facts.js';
import { lineTables, type LineTables } from './lines/line-tables.js';
import { PoolStore } from './lines/pool-store.js';
import { giveSlotsOfWorker } from './lines/recent-claims.js';
import { newProgram, type Announcement, type PreparedProgram } from './new-program.js';
import { recordWith, type StepWork } from './record-with.js';
import { Reader, type DeferralHistory } from './reader.js';
import { ReadyTables } from './ready-tables.js';
import { repeating, repeatingHeard } from './repeating.js';
import { planSchema, updateSchema } from './schema.js';
import { Upkeep } from './upkeep.js';

export interface ProgramHandlerOptions {
  readonly tableName: string;
  readonly dialect: DialectChoice;
  /** False: the table is expected to be there. */
  readonly createTable: boolean;
  readonly maxPayloadBytes: number;
  readonly logger: Logger;
  /** What is put around the hot statements. */
  readonly decorateDialect: (dialect: Dialect) => Dialect;
  /** Programs were created together with the end of others: callbacks. */
  readonly onCreated: (runIds: readonly string[]) => void;
}

/** What became of a guarded write. */
export type WriteResult = 'applied' | ClaimEnd;

/** The life of the rows: create, claim, record, read. The only part that knows there is SQL. */
export class ProgramHandler {
  /** How much a payload may be, here and on this database. */
  readonly payloadLimits: PayloadLimits;
  readonly batches: BatchStore;
  readonly pools: PoolStore;
  readonly upkeep: Upkeep;
  readonly control: Control;
  readonly #knex: Knex;
  /** For what is soon done where the database answers. */
  readonly #listening: Knex;
  readonly #options: ProgramHandlerOptions;
  readonly #tables: TableNames;
  readonly #dialect: Dialect;
  readonly #lines: LineTables;
  readonly #bookkeeper: Bookkeeper;
  readonly #reader: Reader;
  readonly #readyTables: ReadyTables;

  constructor(knex: Knex, options: ProgramHandlerOptions) {
    this.#knex = knex;
    this.#listening = listeningKnex(knex);
    this.#options = options;
    this.#tables = tablesOf(options.tableName);
    this.#dialect = options.decorateDialect(createDialect(knex, this.#tables, options.dialect));
    this.payloadLimits = { maxBytes: options.maxPayloadBytes, maxDepth: this.#dialect.terms.maxJsonDepth };
    this.#lines = lineTables(this.#tables, this.#dialect.terms);
    this.batches = new BatchStore(this.#dialect, this.#lines, options.onCreated);
    this.pools = new PoolStore(this.#dialect, this.#lines);
    this.#bookkeeper = new Bookkeeper(this.#dialect, knex, this.#lines, options);
    this.#reader = new Reader(this.#listening, this.#tables, this.#dialect.terms);
    this.#readyTables = new ReadyTables(knex, this.#tables, options);
    this.upkeep = new Upkeep(this.#listening, this.#tables, this.#dialect, this.#lines);
    this.control = createControl({
      knex: this.#listening,
      tables: this.#tables,
      dialect: this.#dialect,
      lines: this.#lines,
      onCreated: options.onCreated,
      payloadLimits: this.payloadLimits,
      ensureTable: () => this.ensureTable(),
    });
  }

  /** Creates or completes the tables, once for this handler, unless that is left to `migrate`. */
  ensureTable(): Promise<void> {
    return this.#readyTables.ensure();
  }

  /** The statements that bring the tables up to date, not yet run. */
  planTable(): Promise<string[]> {
    return planSchema(this.#knex, this.#tables);
  }

  /** Brings the tables up to date; resolves with the statements that were run. */
  updateTable(): Promise<string[]> {
    return updateSchema(this.#knex, this.#tables, this.#options.logger);
  }

  /**
   * The rows of these programs, not yet inserted.
   * @throws InvalidProgramError, PayloadTooLargeError
   */
  prepare(
    inputs: readonly ProgramInput[],
    options: CreateOptions,
    announcement: Announcement,
    batchId: number | null = null,
  ): PreparedProgram[] {
    checkCreateOptions(options, this.#knex);
    const limits = this.payloadLimits;
    // Also what is not there in a sparse array.
    return Array.from(inputs, (input) => newProgram(input, options, announcement, limits, batchId));
  }

  /** Inserts all but those whose keys are taken: in groups or, with `trx`, within the caller's transaction. */
  async insert(programs: readonly PreparedProgram[], trx?: Knex.Transaction): Promise<Inserted> {
    await (trx ? this.#readyTables.ensureWithin(trx) : this.ensureTable());
    const [dialect, tables, lines] = [this.#dialect, this.#tables, this.#lines];
    return insertAll(
      { knex: this.#listening, dialect, tables, lines, lanes: this.#bookkeeper },
      programs,
      trx,
    );
  }

  /** True while no insert is under way. */
  get isIdle(): boolean {
    return this.#bookkeeper.inserts.isIdle;
  }

  /** @param batchId of the batch whose programs alone are claimed; left out: all are */
  openClaims(workerId: string, leaseMs: number, graceMs: number, batchId?: number): ClaimLane {
    return this.#bookkeeper.openClaims({ workerId, leaseMs, graceMs, batchId });
  }

  /** Persists a transition, however long the database is away. Rejects only when the row itself is refused. */
  record(change: Transition): Promise<WriteResult> {
    const { transitions, leavings } = this.#bookkeeper;
    const isApplied = isLeaving(change) ? leavings.add(change) : transitions.add(change);
    return isApplied.then((applied) => (applied ? 'applied' : this.#whyRefused(change)));
  }

  /**
   * Runs `work` in a transaction that also persists the transition it resolves with: both or neither.
   * @throws LeaseLostError when the program belongs to this run no longer; what `work` throws
   */
  recordWith<T>(runId: string, work: StepWork<T>): Promise<T> {
    const parts = {
      knex: this.#listening,
      dialect: this.#dialect,
      lines: this.#lines,
      onCreated: this.#options.onCreated,
      isVisible: (change: Transition) => this.#isVisible(change),
    };
    return recordWith(parts, runId, work);
  }

  async saveJobData(write: JobDataWrite): Promise<WriteResult> {
    while (!(await this.#bookkeeper.jobData.add(write))) {
      const standing = await this.standing(write);
      if (standing !== 'held') return standing;
    }
    return 'applied';
  }

  /** Extends leases; resolves with the ids of the claims that still hold. */
  renew(claims: readonly Claim[], leaseMs: number): Promise<number[]> {
    return this.#dialect.renew(claims, leaseMs);
  }

  /** Whether a claim that was refused holds after all, or why not. */
  async standing(claim: Claim): Promise<ClaimEnd | 'held'> {
    return explainRefusal(claim, await this.#state(claim));
  }

  /** Gives up a claim on a program that was cancelled by hand. */
  letGo(claim: Claim): Promise<void> {
    return repeatingHeard('Letting go of a program', () =>
      letGo(this.#listening, this.#tables.programs, claim),
    );
  }

  read(runId: string): Promise<ProgramView | undefined> {
    return repeatingHeard('Reading a program', () => this.#reader.program(runId));
  }

  /** Those of the programs that are there and finished, and have no jobs. */
  finishedWithoutJobs(runIds: readonly string[]): Promise<string[]> {
    return repeatingHeard('Reading programs', () => this.#reader.finishedWithoutJobs(runIds));
  }

  results(programId: number, step: number): Promise<Record<string, unknown>> {
    return repeatingHeard('Reading results', () => this.#reader.results(programId, step));
  }

  deferrals(programId: number, step: number): Promise<DeferralHistory> {
    return repeatingHeard('Reading attempts', () => this.#reader.deferrals(programId, step));
  }

  /** Ends the leases of a worker that has died; resolves with its programs. */
  async expireClaims(workerId: string): Promise<ExpiredClaims> {
    await this.ensureTable();
    await repeating('Giving slots', () => giveSlotsOfWorker(this.#dialect, this.#lines, workerId));
    return expireClaims(this.#listening, this.#tables, this.#dialect.terms, workerId);
  }

  /** What of a program's line says why it waits; undefined when it is in none. */
  lineFacts(runId: string): Promise<LineFacts | undefined> {
    return repeatingHeard('Reading a line', () => lineFacts(this.#dialect, this.#lines, runId));
  }

  /** Makes what is due next due now, in lines too. */
  hastenNext(): Promise<void> {
    return repeatingHeard('Changing programs', () =>
      this.#dialect.inTransaction((trx) => hastenNext(trx, this.#lines)),
    );
  }

  /** Rejects every write that still waits for the database. */
  close(reason: Error): void {
    this.#bookkeeper.close(reason);
  }

  async #whyRefused(change: Transition): Promise<WriteResult> {
    const why = explainRefusedTransition(change, await this.#state(change));
    return why === 'alreadyApplied' ? 'applied' : why;
  }

  async #isVisible(change: Transition): Promise<boolean> {
    return explainRefusedTransition(change, await this.#state(change)) === 'alreadyApplied';
  }

  #state({ id }: Claim) {
    return repeatingHeard('Reading a program', () => this.#reader.state(id));
  }
}
