import type { Knex } from 'knex';
import type { ProgramState } from '../../program/status.js';
import { chunksOf } from '../chunks-of.js';
import { repeatingHeard } from '../repeating.js';
import type { Row } from '../rows.js';
import { inTransaction, type Access } from './access.js';
import { lockPrograms, type FoundProgram } from './found-program.js';
import { InterventionLog, type Intervention } from './intervention-log.js';
import { ProgramChanges } from './program-changes.js';

/** Which programs somebody wants to end. */
export interface CancelRequest {
  /** Epoch milliseconds: only those created before. */
  readonly beforeMs: number | undefined;
  readonly state: ProgramState | undefined;
  /** The job that is next, or under way. */
  readonly job: string | undefined;
  /** The id of a batch, or its code. */
  readonly batch: number | string | undefined;
  readonly pool: string | undefined;
  /** Most programs to end. */
  readonly limit: number;
}

/** Programs that one transaction ends, so that nobody waits for its locks for long. */
const PAGE = 200;
/** Programs that are looked for at once. */
const CHUNK = 10_000;

/** Ends programs page by page, newest first, and none that was created after the call. */
export class CancelAll {
  readonly #access: Access;
  readonly #log: InterventionLog;
  readonly #call: Intervention;
  readonly #request: CancelRequest;

  constructor(access: Access, call: Intervention, request: CancelRequest) {
    this.#access = access;
    this.#log = new InterventionLog(access);
    this.#call = call;
    this.#request = request;
  }

  /** Resolves with how many there were. */
  async run(): Promise<number> {
    const { limit } = this.#request;
    let below = await inTransaction(this.#access, 'Cancelling programs', (trx) => this.#begin(trx));
    let count = 0;
    while (count < limit) {
      const ids = await repeatingHeard('Finding programs', () => this.#find(below));
      for (const page of chunksOf(ids, PAGE)) if (count < limit) count = await this.#cancelPage(page, limit);
      below = ids.at(-1) ?? 0;
      if (ids.length < CHUNK) break;
    }
    return count;
  }

  /** Resolves with an id that all programs which there are now are below. */
  async #begin(trx: Knex.Transaction): Promise<number> {
    if (!(await this.#log.has(trx, this.#call))) await this.#log.add(trx, this.#call, null, 0);
    const row = await trx<Row>(this.#access.tables.programs).max('id as id').first();
    return Number(row?.['id'] ?? 0) + 1;
  }

  /** Ids, highest first, of programs that may be among those meant. */
  async #find(below: number): Promise<number[]> {
    const { knex, tables } = this.#access;
    const programs = knex<Row>(tables.programs).where('id', '<', below);
    return this.#restricted(programs)
      .orderBy('id', 'desc')
      .limit(CHUNK)
      .pluck('id')
      .then((ids: unknown[]) => ids.map(Number));
  }

  #restricted(programs: Knex.QueryBuilder) {
    const { knex, tables, dialect } = this.#access;
    const { beforeMs, batch, pool } = this.#request;
    void programs.whereNull('finished_at').whereNull('errored_at');
    if (beforeMs !== undefined)
      void programs.whereRaw(`${dialect.terms.epochMs('created_at')} < ?`, [beforeMs]);
    if (typeof batch === 'number') void programs.where('batch_id', batch);
    if (typeof batch === 'string')
      void programs.whereIn('batch_id', knex(tables.batches).where({ code: batch }).select('id'));
    if (pool !== undefined) {
      const pools = knex(tables.pools).where({ name: pool }).select('id');
      void programs.whereIn('line_id', knex(tables.lines).whereIn('pool_id', pools).select('id'));
    }
    return programs;
  }

  /** Resolves with how many were ended so far, also when the reply to a page was lost. */
  async #cancelPage(ids: readonly number[], limit: number): Promise<number> {
    let created: readonly string[] = [];
    const count = await inTransaction(this.#access, 'Cancelling programs', async (trx) => {
      const found = await lockPrograms(this.#access, trx, (all) => all.whereIn('id', ids));
      const before = await this.#log.countOf(trx, this.#call);
      const page = found
        .filter((program) => this.#isMeant(program))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit - before);
      if (page.length === 0) return before;
      const changes = new ProgramChanges(this.#access, trx);
      created = await changes.cancel(page, this.#call.reason ?? 'Cancelled');
      await this.#log.setCount(trx, this.#call, before + page.length);
      return before + page.length;
    });
    if (created.length > 0) this.#access.onCreated(created);
    return count;
  }

  #isMeant({ state, jobs, step }: FoundProgram): boolean {
    const { state: wanted, job } = this.#request;
    const isUnended = state === 'waiting' || state === 'running';
    return isUnended && (wanted ?? state) === state && (job ?? jobs[step]) === jobs[step];
  }
}
