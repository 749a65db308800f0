import type { Knex } from 'knex';
import { mayRunSql } from '../lines/running.js';
import type { Row } from '../rows.js';
import { textOrNull } from '../rows.js';
import { countOf } from './columns.js';
import { conditionOf } from './conditions.js';
import { quoted, recentIn, selectFrom, type ReportSource } from './report-source.js';

/** Running for longer than this without having come to the end of a job or saved anything. */
export const STUCK_AFTER_MS = 5 * 60_000;
const MOST_SHOWN = 20;

export interface StuckProgram {
  readonly runId: string;
  readonly job: string | null;
  /** The claim: host, pid and more. */
  readonly worker: string;
  readonly stuckForMs: number;
}

/** Those of one batch that are stuck, the longest first. */
export async function stuckInBatch(source: ReportSource, batchId: number): Promise<StuckProgram[]> {
  const { text, values } = mayRunSql(quoted(source), await recentIn(source));
  const running = selectFrom(source, { text: `(${text}) as r`, values })
    .join(`${source.tables.programs} as p`, { 'p.id': 'r.program_id' })
    .where('p.batch_id', batchId);
  return selectStuck(source, running);
}

/** Those of the whole table that are stuck, the longest first. */
export function stuckPrograms(source: ReportSource): Promise<StuckProgram[]> {
  return selectStuck(source, source.knex(`${source.tables.programs} as p`));
}

async function selectStuck(
  { knex, terms, currentJob }: ReportSource,
  programs: Knex.QueryBuilder,
): Promise<StuckProgram[]> {
  const idleMs = `${terms.nowMs} - ${terms.epochMs('p.updated_at')}`;
  const rows: Row[] = await programs
    .whereRaw(conditionOf('running', terms))
    .whereRaw(`${idleMs} > ?`, [STUCK_AFTER_MS])
    .orderBy('p.updated_at')
    .limit(MOST_SHOWN)
    .select('p.run_id', 'p.claimed_by', knex.raw(`${currentJob} as job`), knex.raw(`${idleMs} as idle_ms`));
  return rows.map((row) => ({
    runId: String(row['run_id']),
    job: textOrNull(row['job']),
    worker: String(row['claimed_by']),
    stuckForMs: countOf(row, 'idle_ms'),
  }));
}
