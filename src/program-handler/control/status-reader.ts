import type { StatusMoment, StatusRow } from '../../program/status.js';
import { statusOf, type ProgramStatus } from '../../program/status.js';
import { chunksOf } from '../chunks-of.js';
import { GATED, PARKED } from '../dialects/dialect.js';
import { repeatingHeard } from '../repeating.js';
import { JsonColumns, numberOrNull, textOrNull, type Row } from '../rows.js';
import type { Access } from './access.js';

/** Programs that one query reads: some databases allow a thousand values in a list. */
const CHUNK = 500;

const COLUMNS = [
  'run_id',
  'jobs',
  'step',
  'step_retry_count',
  'error_message',
  'cancelled_at',
  'claimed_by',
  'claimed_until',
  'lost_count',
  'due_at',
  'ready_at',
];

/** Reads how programs stand, by the clock of the database. */
export class StatusReader {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** By `runId`; programs that are not there are left out. */
  async read(runIds: readonly string[]): Promise<Map<string, ProgramStatus>> {
    await this.#access.ensureTable();
    const found = new Map<string, ProgramStatus>();
    for (const chunk of chunksOf(runIds, CHUNK)) {
      const rows = await repeatingHeard('Reading programs', () => this.#rows(chunk));
      for (const row of rows) found.set(String(row['run_id']), statusOf(toStatusRow(row), toMoment(row)));
    }
    return found;
  }

  async #rows(runIds: readonly string[]): Promise<Row[]> {
    const { knex, tables, dialect } = this.#access;
    const { terms } = dialect;
    const lastAttempt = knex(`${tables.attempts} as a`)
      .where('a.program_id', knex.ref('p.id'))
      .orderBy('a.id', 'desc')
      .limit(1);
    return knex(`${tables.programs} as p`)
      .whereIn('p.run_id', [...runIds])
      .select<Row[]>(
        ...COLUMNS.map((column) => `p.${column}`),
        ...['finished_at', 'errored_at'].map((time) => knex.raw(`${terms.epochMs(`p.${time}`)} as ${time}`)),
        knex.raw(`${terms.nowMs} as now_ms`),
        lastAttempt.clone().select('a.outcome').as('last_outcome'),
        lastAttempt
          .clone()
          .select(knex.raw('case when a.error is null then 0 else 1 end'))
          .as('has_last_error'),
        knex(tables.pools).where({ name: '' }).select('is_paused').as('is_paused'),
      );
  }
}

function toStatusRow(row: Row): StatusRow {
  return {
    runId: String(row['run_id']),
    jobs: new JsonColumns(row).texts('jobs'),
    step: Number(row['step']),
    stepRetryCount: Number(row['step_retry_count']),
    errorMessage: textOrNull(row['error_message']),
    finishedAtMs: numberOrNull(row['finished_at']),
    erroredAtMs: numberOrNull(row['errored_at']),
    cancelledAtMs: numberOrNull(row['cancelled_at']),
    dueAtMs: dueAtMsOf(row),
    claimedBy: textOrNull(row['claimed_by']),
    claimedUntilMs: numberOrNull(row['claimed_until']),
    lostCount: Number(row['lost_count']),
    lastOutcome: textOrNull(row['last_outcome']),
    hasLastError: Number(row['has_last_error']) === 1,
  };
}

/** Of a program in a line it is the line's time that counts. */
function dueAtMsOf(row: Row): number {
  const dueAtMs = Number(row['due_at']);
  if (dueAtMs === GATED) return Number(row['ready_at']);
  return dueAtMs === PARKED ? Infinity : dueAtMs;
}

function toMoment(row: Row): StatusMoment {
  return { nowMs: Number(row['now_ms']), isPaused: Number(row['is_paused']) === 1 };
}
