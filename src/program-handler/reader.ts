import type { Knex } from 'knex';
import type { ProgramView } from '../program/program.js';
import type { RowState } from '../program/refusal.js';
import { chunksOf } from './chunks-of.js';
import type { SqlTerms } from './dialects/sql-terms.js';
import type { TableNames } from './dialects/dialect.js';
import { programFields, textOrNull, toRowState, waitOf, type Row } from './rows.js';

/** Values that one statement takes: some databases allow a thousand. */
const CHUNK = 200;

/** How long a step has waited for a worker that knows its job. */
export interface DeferralHistory {
  /** Deferrals in a row, up to now. */
  readonly deferrals: number;
  /** Since the first of them, in milliseconds; 0 when there is none. */
  readonly waitedMs: number;
}

/** Everything that only reads. */
export class Reader {
  readonly #knex: Knex;
  readonly #tables: TableNames;
  readonly #terms: SqlTerms;

  constructor(knex: Knex, tables: TableNames, terms: SqlTerms) {
    this.#knex = knex;
    this.#tables = tables;
    this.#terms = terms;
  }

  async program(runId: string): Promise<ProgramView | undefined> {
    const columns = [
      'run_id',
      'jobs',
      'program_data',
      'job_data',
      'step',
      'step_retry_count',
      'error_message',
    ];
    const times = ['finished_at', 'errored_at', 'created_at', 'updated_at'];
    const row = await this.#knex<Row>(this.#tables.programs)
      .where({ run_id: runId })
      .first(...columns, ...times.map((time) => this.#knex.raw(`${this.#terms.epochMs(time)} as ${time}`)));
    return row && toView(row);
  }

  async finishedWithoutJobs(runIds: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const chunk of chunksOf(runIds, CHUNK)) {
      const rows = await this.#knex<Row>(this.#tables.programs)
        .whereIn('run_id', chunk)
        .whereNotNull('finished_at')
        .select('run_id', 'jobs');
      const empty = rows.map((row) => programFields(row)).filter(({ jobs }) => jobs.length === 0);
      found.push(...empty.map(({ runId }) => runId));
    }
    return found;
  }

  /** The row as it is now; undefined when it was deleted. */
  async state(id: number): Promise<RowState | undefined> {
    const row = await this.#knex<Row>(this.#tables.programs)
      .where({ id })
      .first('id', 'fence', 'claimed_by', 'step', 'finished_at', 'errored_at');
    return row && toRowState(row);
  }

  /** What the jobs before `step` returned, by job name; the latest of each step. */
  async results(programId: number, step: number): Promise<Record<string, unknown>> {
    const rows = await this.#knex<Row>(this.#tables.attempts)
      .where({ program_id: programId, outcome: 'succeeded' })
      .where('step', '<', step)
      .whereNotNull('result')
      .orderBy(['step', 'id'])
      .select('job', 'result');
    return Object.fromEntries(
      rows.map((row) => [String(row['job']), JSON.parse(String(row['result'])) as unknown]),
    );
  }

  /**
   * The deferrals of this step, for want of a worker that knows its job, since anything else happened to the program:
   * those for which a service asked have an error to tell.
   */
  async deferrals(programId: number, step: number): Promise<DeferralHistory> {
    const { attempts } = this.#tables;
    const latest = await this.#knex(attempts)
      .where({ program_id: programId })
      .where((other) =>
        other.whereNot('outcome', 'deferred').orWhereNot('step', step).orWhereNotNull('error'),
      )
      .max('id as id')
      .first();
    const found = await this.#knex(attempts)
      .where({ program_id: programId })
      .where('id', '>', Number(latest?.['id'] ?? 0))
      .select<Row[]>(
        this.#knex.raw('count(*) as deferrals'),
        this.#knex.raw(`${this.#terms.nowMs} - min(started_at) as wait_ms`),
      );
    return { deferrals: Number(found[0]?.['deferrals'] ?? 0), waitedMs: waitOf(found) ?? 0 };
  }
}

function toView(row: Row): ProgramView {
  return {
    ...programFields(row),
    finishedAt: toDate(row['finished_at']),
    erroredAt: toDate(row['errored_at']),
    errorMessage: textOrNull(row['error_message']),
    createdAt: toDate(row['created_at']),
    updatedAt: toDate(row['updated_at']),
  };
}

function toDate(epochMs: unknown): Date | null {
  return epochMs === null || epochMs === undefined ? null : new Date(Number(epochMs));
}
