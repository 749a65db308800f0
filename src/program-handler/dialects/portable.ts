import type { Knex } from 'knex';
import type { Transition } from '../../program/transition.js';
import { inOwnTransaction } from '../own-transaction.js';
import { CLAIM_COLUMNS, soonest, toClaimedProgram, waitOf, type ClaimedRow, type Row } from '../rows.js';
import {
  GATED,
  MOST_HELD,
  PARKED,
  type Claim,
  type ClaimTerms,
  type Db,
  type Dialect,
  type DueSearch,
  type GroupTransaction,
  type JobDataWrite,
  type NewProgram,
  type TableNames,
} from './dialect.js';
import { leavingInTurn } from './leave-in-turn.js';
import { changedIds, inTransaction, trxOr } from './portable-groups.js';
import { rawRows } from './raw-rows.js';
import type { SqlTerms } from './sql-terms.js';

/** Somebody may have cancelled it and taken that back by hand: what counts is how it ends now. */
const ENDED = { ready_at: null, cancelled_at: null };

/**
 * Any database that knex speaks to, row by row, through its query builder. Every write compares the fence
 * and counts the rows it changed, so no lock is needed; a group is one transaction.
 */
export class PortableDialect implements Dialect {
  readonly terms: SqlTerms;
  readonly commitsAtOnce = 1;
  readonly isBlocking = false;
  readonly #knex: Knex;
  readonly #tables: TableNames;

  constructor(knex: Knex, tables: TableNames, terms: SqlTerms) {
    this.#knex = knex;
    this.#tables = tables;
    this.terms = terms;
  }

  insert(programs: readonly NewProgram[], db: Db): Promise<void> {
    return inTransaction(trxOr(this.#knex, db), async (trx) => {
      for (const program of programs) await this.#insertRow(program, trx);
    });
  }

  async claimRung(runIds: readonly string[], claim: ClaimTerms): Promise<ClaimedRow[]> {
    const rows = await this.#unended(this.#knex)
      .whereIn('run_id', [...runIds])
      .where((query) =>
        query
          .where('due_at', PARKED)
          .orWhere((due) => due.where('due_at', '<=', this.#now()).whereNotExists(this.#pause())),
      )
      .where(this.#unclaimed(claim.claimedBy))
      .select(...CLAIM_COLUMNS);
    return this.#claimRows(rows, claim);
  }

  async claimDue({ limit, graceMs, fromMs }: DueSearch, claim: ClaimTerms): Promise<ClaimedRow[]> {
    const due = this.#due(graceMs, claim.claimedBy)
      .whereNotExists(this.#pause())
      .where('due_at', '>=', fromMs)
      .orderBy('due_at')
      .limit(limit);
    return this.#claimRows(await due.select(...CLAIM_COLUMNS), claim);
  }

  async untilDueMs(graceMs: number): Promise<number | undefined> {
    if (await this.#pause().first('id')) return undefined;
    if (await this.#due(graceMs, null).first('id')) return 0;
    const next: Row[] = await this.#unended(this.#knex)
      .where('due_at', '>', this.#now())
      .where('due_at', '<', GATED)
      .orderBy('due_at')
      .limit(1)
      .select(this.#knex.raw(`due_at - (${this.terms.nowMs}) as wait_ms`));
    return soonest(await this.#untilFreeMs(graceMs), waitOf(next));
  }

  async #untilFreeMs(graceMs: number): Promise<number | undefined> {
    const { nowMs } = this.terms;
    const held = this.#unended(this.#knex)
      .where('due_at', '<=', this.#now())
      .orderBy('due_at')
      .limit(MOST_HELD)
      .select('claimed_until', 'due_at');
    const freeAtMs = `case when claimed_until > ${nowMs} then claimed_until else due_at + ? end`;
    const first = this.#knex.raw(`min(${freeAtMs}) - (${nowMs}) as wait_ms`, [graceMs]);
    return waitOf(await this.#knex.from(held.as('held')).select<Row[]>(first));
  }

  transition(changes: readonly Transition[], db: Db): Promise<number[]> {
    return changedIds(changes, trxOr(this.#knex, db), (change, trx) => this.#transitionRow(change, trx));
  }

  beginWork(): Promise<void> {
    return Promise.resolve();
  }

  inTransaction<T>(work: (trx: GroupTransaction) => Promise<T>): Promise<T> {
    return inOwnTransaction(this.#knex, (trx) => work(this.within(trx)));
  }

  survey(text: string): Promise<readonly Row[]> {
    return this.read(text);
  }

  read(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return rawRows(this.#knex, text, values);
  }

  within(trx: Knex.Transaction): GroupTransaction {
    const read: GroupTransaction['read'] = (text, values = []) => rawRows(trx, text, values);
    const transaction = {
      read,
      run: read,
      transition: (changes: readonly Transition[]) => this.transition(changes, trx),
      insert: (programs: readonly NewProgram[]) => this.insert(programs, trx),
    };
    return leavingInTurn(transaction, this.#tables.slots, this.terms);
  }

  saveJobData(writes: readonly JobDataWrite[]): Promise<number[]> {
    return changedIds(writes, this.#knex, (write, trx) =>
      this.#held(write, trx).update({ job_data: write.jobData, updated_at: this.#timestamp() }),
    );
  }

  renew(claims: readonly Claim[], leaseMs: number): Promise<number[]> {
    return changedIds(claims, this.#knex, (claim, trx) =>
      this.#held(claim, trx).update({ claimed_until: this.#now(leaseMs) }),
    );
  }

  async #insertRow(program: NewProgram, db: Db): Promise<void> {
    const known = await this.#programs(db).where({ run_id: program.runId }).first('id');
    if (known) return;
    await this.#programs(db).insert({
      run_id: program.runId,
      jobs: program.jobs,
      program_data: program.programData,
      job_data: program.jobData,
      step: 0,
      step_retry_count: 0,
      fence: program.fence,
      ...this.#dueColumns(program),
      finished_at: program.isEmpty ? this.#timestamp() : null,
      created_at: this.#timestamp(),
      updated_at: this.#timestamp(),
    });
  }

  #dueColumns({ dueAt, delayMs, line }: NewProgram) {
    const due = dueAt ?? this.#now(delayMs ?? 0);
    if (!line) return { due_at: due };
    const { lineId, batchId, options } = line;
    return { due_at: GATED, ready_at: due, line_id: lineId, batch_id: batchId, options };
  }

  async #claimRows(candidates: readonly Row[], claim: ClaimTerms): Promise<ClaimedRow[]> {
    const claimed: ClaimedRow[] = [];
    for (const row of candidates) claimed.push(...(await this.#claimRow(row, claim)));
    return claimed;
  }

  async #claimRow(row: Row, { claimedBy, leaseMs }: ClaimTerms): Promise<ClaimedRow[]> {
    const before = toClaimedProgram(row);
    const isFresh = row['claimed_by'] === null || row['claimed_by'] === claimedBy;
    const fence = before.fence + 1;
    const lostCount = before.lostCount + (isFresh ? 0 : 1);
    const changed: number = await this.#unended(this.#knex)
      .where({ id: before.id, fence: before.fence })
      .where(this.#unclaimed(claimedBy))
      .update({
        lost_count: lostCount,
        fence,
        due_at: this.#knex.raw(`case when due_at = ${PARKED} then ${this.terms.nowMs} else due_at end`),
        claimed_by: claimedBy,
        claimed_until: this.#now(leaseMs),
        updated_at: this.#timestamp(),
      });
    return changed === 1 ? [{ ...before, fence, claimedBy, lostCount }] : [];
  }

  async #transitionRow(change: Transition, db: Db): Promise<number> {
    const changed = await this.#held(change, db)
      .where({ step: change.step })
      .update({
        step: change.nextStep,
        step_retry_count: change.stepRetryCount,
        lost_count: change.lostCount,
        updated_at: this.#timestamp(),
        ...(change.errorMessage === null ? {} : { error_message: change.errorMessage }),
        ...(change.end === null ? {} : { ...ENDED, [`${change.end}_at`]: this.#timestamp() }),
        ...(change.delayMs === null ? {} : { due_at: this.#now(change.delayMs) }),
        ...(change.release ? { claimed_by: null, claimed_until: null } : {}),
      });
    if (changed === 1 && change.attempt) await this.#logAttempt(change.id, change.attempt, db);
    return changed;
  }

  async #logAttempt(programId: number, attempt: NonNullable<Transition['attempt']>, db: Db): Promise<void> {
    const { durationMs, ...columns } = attempt;
    const times = { started_at: this.#now(-durationMs), finished_at: this.#now() };
    await db(this.#tables.attempts).insert({ program_id: programId, ...columns, ...times });
  }

  #programs(db: Db) {
    return db<Row>(this.#tables.programs);
  }

  #unended(db: Db) {
    return this.#programs(db).whereNull('finished_at').whereNull('errored_at');
  }

  #held({ id, fence, claimedBy }: Claim, db: Db) {
    return this.#unended(db).where({ id, fence, claimed_by: claimedBy });
  }

  #due(graceMs: number, claimedBy: string | null) {
    return this.#unended(this.#knex)
      .where('due_at', '<=', this.#now())
      .where((query) => query.where('fence', '>', 0).orWhere('due_at', '<=', this.#now(-graceMs)))
      .where(this.#unclaimed(claimedBy));
  }

  /** The row that pauses the whole queue. */
  #pause() {
    return this.#knex<Row>(this.#tables.pools).where({ name: '', is_paused: 1 });
  }

  #unclaimed(claimedBy: string | null) {
    return (query: Knex.QueryBuilder): void => {
      void query.whereNull('claimed_until').orWhere('claimed_until', '<=', this.#now());
      if (claimedBy !== null) void query.orWhere('claimed_by', claimedBy);
    };
  }

  #now(plusMs = 0) {
    return this.#knex.raw(`${this.terms.nowMs} + ${Math.round(plusMs)}`);
  }

  #timestamp() {
    return this.#knex.raw(this.terms.timestamp);
  }
}
