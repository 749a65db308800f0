import { isDeepStrictEqual } from 'node:util';
import type { Knex } from 'knex';

/** One version of a program's row, as the audit trigger wrote it. */
export interface Version {
  readonly runId: string;
  readonly step: number;
  readonly fence: number;
  readonly finished: boolean;
  readonly errored: boolean;
  readonly retries: number;
  readonly losses: number;
  readonly claimedBy: string | null;
  /** By the database's clock, in epoch milliseconds. */
  readonly atMs: number;
}

/** What a program is expected to have come to. */
export interface Expectation {
  readonly runId: string;
  readonly jobs: number;
  readonly end: 'finished' | 'errored';
}

/** Every version of one program or of all, in the order in which they were written. */
export async function versions(knex: Knex, table: string, runId?: string): Promise<Version[]> {
  const query = knex<Record<string, unknown>>(`${table}_audit`).orderBy('seq');
  const rows = await (runId === undefined ? query : query.where('run_id', runId));
  return rows.map((row) => ({
    runId: String(row['run_id']),
    step: Number(row['step']),
    fence: Number(row['fence']),
    finished: Boolean(row['finished']),
    errored: Boolean(row['errored']),
    retries: Number(row['retries']),
    losses: Number(row['losses']),
    claimedBy: (row['claimed_by'] ?? null) as string | null,
    atMs: Number(row['at_ms']),
  }));
}

/** The versions of each program, by its `runId`. */
export function histories(all: readonly Version[]): Map<string, Version[]> {
  const byRunId = new Map<string, Version[]>();
  for (const version of all) {
    const history = byRunId.get(version.runId);
    if (history) history.push(version);
    else byRunId.set(version.runId, [version]);
  }
  return byRunId;
}

/** How often the attempts say that a step succeeded, by `runId:step`. */
export async function successes(knex: Knex, table: string): Promise<Map<string, number>> {
  const rows = await knex<{ run_id: string; step: number }>(`${table}_attempts as a`)
    .join(`${table} as p`, 'p.id', 'a.program_id')
    .where('a.outcome', 'succeeded')
    .select('p.run_id as run_id', 'a.step as step');
  const counts = new Map<string, number>();
  for (const row of rows as { run_id: string; step: number }[]) {
    const key = `${row.run_id}:${row.step}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** What is wrong with the history of a program; nothing when every transition was made exactly once. */
export function violations(
  { runId, jobs, end }: Expectation,
  history: readonly Version[],
  succeeded: ReadonlyMap<string, number>,
): string[] {
  const steps = Array.from({ length: jobs }, (_, step) => step);
  const done = end === 'finished' ? steps : steps.slice(0, history.at(-1)?.step ?? 0);
  const pairs = history.slice(1).map((after, index) => [history[index] as Version, after] as const);
  const count = (fits: (before: Version, after: Version) => boolean): number =>
    pairs.filter(([before, after]) => fits(before, after)).length;
  const found = [
    ...done
      .filter((step) => step < jobs - 1)
      .map((step) => [
        `advanced from step ${step}`,
        1,
        count((before, after) => before.step === step && after.step === step + 1),
      ]),
    ...done.map((step) => [`recorded step ${step} as succeeded`, 1, succeeded.get(`${runId}:${step}`) ?? 0]),
    ['moved in another way', 0, count((a, b) => b.step !== a.step && b.step !== a.step + 1)],
    ['finished', end === 'finished' ? 1 : 0, count((a, b) => b.finished && !a.finished)],
    ['errored', end === 'errored' ? 1 : 0, count((a, b) => b.errored && !a.errored)],
    ['changed after its end', 0, count((a, b) => (a.finished || a.errored) && !isLetGo(a, b))],
    ['lowered its fence', 0, count((a, b) => b.fence < a.fence)],
    ['was both finished and errored', 0, history.filter((v) => v.finished && v.errored).length],
  ] as const;
  return found
    .filter(([, expected, actual]) => expected !== actual)
    .map(([what, expected, actual]) => `${runId} ${what} ${actual} times instead of ${expected}`);
}

/** A program that was cancelled by hand is let go of by the run that had it, and nothing else changes. */
function isLetGo(before: Version, after: Version): boolean {
  const isFreed = before.claimedBy !== null && after.claimedBy === null;
  return isFreed && isDeepStrictEqual({ ...before, claimedBy: null, atMs: after.atMs }, after);
}
