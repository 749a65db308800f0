import type { Knex } from 'knex';
import type { Transition } from '../../program/transition.js';
import { CLAIM_COLUMNS, toClaimedProgram, type ClaimedRow, type Row } from '../rows.js';
import {
  PARKED,
  type Claim,
  type ClaimTerms,
  type Db,
  type Dialect,
  type NewProgram,
  type TableNames,
} from './dialect.js';
import type { SqlTerms } from './sql-terms.js';

/**
 * Any database that knex speaks to, row by row, through its query builder. Every write compares the fence
 * and counts the rows it changed, so no lock is needed; a group is one transaction.
 */
export function portableDialect(knex: Knex, tables: TableNames, terms: SqlTerms): Dialect {
  const now = (plusMs = 0) => knex.raw(`${terms.nowMs} + ${Math.round(plusMs)}`);
  const timestamp = () => knex.raw(terms.timestamp);
  const programs = (db: Db) => db<Row>(tables.programs);

  const unended = (db: Db) => programs(db).whereNull('finished_at').whereNull('errored_at');
  const unclaimed = (claimedBy: string | null) => (query: Knex.QueryBuilder) => {
    void query.whereNull('claimed_until').orWhere('claimed_until', '<=', now());
    if (claimedBy !== null) void query.orWhere('claimed_by', claimedBy);
  };
  const due = (graceMs: number, claimedBy: string | null) =>
    unended(knex)
      .where('due_at', '<=', now())
      .where((query) => query.where('fence', '>', 0).orWhere('due_at', '<=', now(-graceMs)))
      .where(unclaimed(claimedBy));
  const held = ({ id, fence, claimedBy }: Claim, db: Db) =>
    unended(db).where({ id, fence, claimed_by: claimedBy });

  const claimRow = async (row: Row, { claimedBy, leaseMs }: ClaimTerms) => {
    const before = toClaimedProgram(row);
    const fence = before.fence + 1;
    const isFresh = row['claimed_by'] === null || row['claimed_by'] === claimedBy;
    const lostCount = before.lostCount + (isFresh ? 0 : 1);
    const changed = await unended(knex)
      .where({ id: before.id, fence: before.fence })
      .where(unclaimed(claimedBy))
      .update({
        lost_count: lostCount,
        fence,
        claimed_by: claimedBy,
        claimed_until: now(leaseMs),
        updated_at: timestamp(),
      });
    return changed === 1 ? [{ ...before, fence, claimedBy, lostCount }] : [];
  };

  const claimRows = async (candidates: readonly Row[], claim: ClaimTerms) => {
    const claimed: ClaimedRow[] = [];
    for (const row of candidates) claimed.push(...(await claimRow(row, claim)));
    return claimed;
  };

  const insertRow = async (program: NewProgram, db: Db) => {
    const known = await programs(db).where({ run_id: program.runId }).first('id');
    if (known) return;
    await programs(db).insert({
      run_id: program.runId,
      jobs: program.jobs,
      program_data: program.programData,
      job_data: program.jobData,
      step: 0,
      step_retry_count: 0,
      due_at: program.dueAt ?? now(program.delayMs ?? 0),
      finished_at: program.isEmpty ? timestamp() : null,
      created_at: timestamp(),
      updated_at: timestamp(),
    });
  };

  const transitionRow = async (change: Transition, db: Db) => {
    const changed = await held(change, db)
      .where({ step: change.step })
      .update({
        step: change.nextStep,
        step_retry_count: change.stepRetryCount,
        lost_count: 0,
        updated_at: timestamp(),
        ...(change.errorMessage === null ? {} : { error_message: change.errorMessage }),
        ...(change.end === 'finished' ? { finished_at: timestamp() } : {}),
        ...(change.end === 'errored' ? { errored_at: timestamp() } : {}),
        ...(change.delayMs === null ? {} : { due_at: now(change.delayMs) }),
        ...(change.release ? { claimed_by: null, claimed_until: null } : {}),
      });
    if (changed === 1 && change.attempt)
      await db(tables.attempts).insert(attemptRow(change.id, change.attempt, now));
    return changed === 1;
  };

  return {
    terms,
    insert: (group, db) =>
      inTransaction(db, async (trx) => {
        for (const program of group) await insertRow(program, trx);
      }),
    claimRung: async (runIds, claim) => {
      const rows = await unended(knex)
        .whereIn('run_id', [...runIds])
        .where((query) => query.where('due_at', '<=', now()).orWhere('due_at', PARKED))
        .where(unclaimed(claim.claimedBy))
        .select(...CLAIM_COLUMNS);
      return claimRows(rows, claim);
    },
    claimDue: async (limit, graceMs, claim) => {
      const rows = await due(graceMs, claim.claimedBy)
        .orderBy('due_at')
        .limit(limit)
        .select(...CLAIM_COLUMNS);
      return claimRows(rows, claim);
    },
    untilDueMs: async (graceMs) => {
      if (await due(graceMs, null).first('id')) return 0;
      const later = unended(knex).where('due_at', '>', now()).where('due_at', '<', PARKED);
      const next = await later.orderBy('due_at').first(knex.raw(`due_at - (${terms.nowMs}) as wait_ms`));
      return next ? Number((next as unknown as Row)['wait_ms']) : undefined;
    },
    transition: (changes, db) => changedIds(changes, db, transitionRow),
    beginWork: () => Promise.resolve(),
    saveJobData: (writes) =>
      changedIds(writes, knex, async (write, trx) => {
        const changed = await held(write, trx).update({ job_data: write.jobData, updated_at: timestamp() });
        return changed === 1;
      }),
    renew: (claims, leaseMs) =>
      changedIds(
        claims,
        knex,
        async (claim, trx) => (await held(claim, trx).update({ claimed_until: now(leaseMs) })) === 1,
      ),
  };
}

function attemptRow(
  programId: number,
  { durationMs, ...attempt }: NonNullable<Transition['attempt']>,
  now: (plusMs?: number) => Knex.Raw,
) {
  return { program_id: programId, ...attempt, started_at: now(-durationMs), finished_at: now() };
}

/** Writes one row after the other in a transaction, in the order of their ids, so that groups cannot deadlock. */
function changedIds<T extends Claim>(
  group: readonly T[],
  db: Db,
  write: (item: T, trx: Db) => Promise<boolean>,
): Promise<number[]> {
  return inTransaction(db, async (trx) => {
    const ids: number[] = [];
    for (const item of [...group].sort((a, b) => a.id - b.id)) if (await write(item, trx)) ids.push(item.id);
    return ids;
  });
}

function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction(work);
}
