import type { Knex } from 'knex';
import { repeatingHeard } from '../repeating.js';
import { numberOrNull, parseJson, textOrNull, type Row } from '../rows.js';
import type { Access } from './access.js';

export type InterventionKind =
  'cancel' | 'resume' | 'retry' | 'skipStep' | 'editJobData' | 'cancelAll' | 'pauseQueue' | 'resumeQueue';

/** One call of somebody who intervenes. */
export interface Intervention {
  /** Unique, and the same when the call is repeated. */
  readonly callId: string;
  readonly kind: InterventionKind;
  readonly by: string;
  readonly reason: string | null;
  readonly details: object;
}

/** What somebody did to programs, as it is kept. */
export interface InterventionView {
  kind: InterventionKind;
  /** The program; null where it was about many, or when it is there no longer. */
  runId: string | null;
  by: string;
  reason: string | null;
  /** What else was asked for. */
  details: Record<string, unknown>;
  /** How many programs it changed. */
  programs: number;
  createdAt: Date;
}

/** Interventions that are read at once. */
const MOST_READ = 1_000;

/** What people did, append-only, each within the transaction that did it. */
export class InterventionLog {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** True when this call was carried out before, and only the reply was lost. */
  async has(trx: Knex.Transaction, { callId }: Intervention): Promise<boolean> {
    return (await this.#rows(trx).where({ call_id: callId }).first('id')) !== undefined;
  }

  /** @param programId null: it is about many programs */
  async add(trx: Knex.Transaction, one: Intervention, programId: number | null, programs: number) {
    await this.#rows(trx).insert({
      call_id: one.callId,
      program_id: programId,
      kind: one.kind,
      made_by: one.by,
      reason: one.reason,
      details: JSON.stringify(one.details),
      programs,
      created_at: trx.raw(this.#access.dialect.terms.nowMs),
    });
  }

  /** How many programs the call has changed so far. */
  async countOf(trx: Knex.Transaction, { callId }: Intervention): Promise<number> {
    const row = await this.#rows(trx).where({ call_id: callId }).first('programs');
    return Number(row?.['programs'] ?? 0);
  }

  async setCount(trx: Knex.Transaction, { callId }: Intervention, programs: number): Promise<void> {
    await this.#rows(trx).where({ call_id: callId }).update({ programs });
  }

  /** Newest first. */
  async list(runId: string | undefined, limit: number): Promise<InterventionView[]> {
    await this.#access.ensureTable();
    const rows = await repeatingHeard('Reading interventions', () => this.#latest(runId, limit));
    return rows.map(toView);
  }

  async #latest(runId: string | undefined, limit: number): Promise<Row[]> {
    const { knex, tables } = this.#access;
    const rows = knex(`${tables.interventions} as i`)
      .leftJoin(`${tables.programs} as p`, 'p.id', 'i.program_id')
      .orderBy('i.id', 'desc')
      .limit(Math.min(limit, MOST_READ))
      .select<Row[]>(
        ...['kind', 'made_by', 'reason', 'details', 'programs', 'created_at'].map((column) => `i.${column}`),
        'p.run_id',
      );
    return runId === undefined ? rows : rows.where('p.run_id', runId);
  }

  #rows(trx: Knex.Transaction) {
    return trx<Row>(this.#access.tables.interventions);
  }
}

function toView(row: Row): InterventionView {
  return {
    kind: String(row['kind']) as InterventionKind,
    runId: textOrNull(row['run_id']),
    by: String(row['made_by']),
    reason: textOrNull(row['reason']),
    details: parseJson(row['details'], {}) as Record<string, unknown>,
    programs: numberOrNull(row['programs']) ?? 0,
    createdAt: new Date(Number(row['created_at'])),
  };
}
