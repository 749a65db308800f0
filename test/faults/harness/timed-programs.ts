import { expect } from 'chai';
import { versions } from './audit.js';
import { JOBS, type Actions } from './protocol.js';
import type { Scenario } from './scenario.js';

const DELAY_MS = 1_500;
const PAUSE_MS = 1_000;
/** Later than this is not late any more, it is another hour. */
const LATE_MS = 120_000;
/** Attempts begin at "now less their duration", each rounded to a millisecond. */
const ROUNDING_MS = 20;

/** Programs for which time matters. */
export interface TimedPrograms {
  readonly delayed: string;
  readonly retried: string;
  readonly long: string;
}

/** Creates one that is delayed, one that is retried after a pause, one of a long job, and some short ones. */
export async function createTimed(scenario: Scenario, longMs: number): Promise<TimedPrograms> {
  const create = async (actions: Actions): Promise<string> =>
    (await scenario.create(1, actions))[0] as string;
  const long = await create({ second: { kind: 'take', ms: longMs } });
  const retried = await create({ second: { kind: 'retryOnce', afterMs: PAUSE_MS } });
  const delayed = await scenario.executor.createProgram({ jobs: [...JOBS] }, { runAfter: DELAY_MS });
  scenario.expectEnd(delayed, 'finished');
  await scenario.create(12, { second: { kind: 'take', ms: 100 } });
  return { delayed, retried, long };
}

/** None began early or an hour late, and none was taken from its worker. */
export async function expectInTime(scenario: Scenario, { delayed, retried, long }: TimedPrograms) {
  const { createdAt, finishedAt } = (await scenario.executor.getProgram(delayed)) ?? {};
  const [first] = await attemptsOf(scenario, delayed);
  expectPause(Number(createdAt), first?.startedAtMs, DELAY_MS);
  expectPause(Number(createdAt), Number(finishedAt), DELAY_MS);
  const [failed, repeated] = (await attemptsOf(scenario, retried)).filter(({ step }) => step === 1);
  expect(failed?.outcome).to.equal('retried');
  expectPause(failed?.finishedAtMs, repeated?.startedAtMs, PAUSE_MS);
  const ofLong = (await versions(scenario.knex, scenario.table, long)).filter(({ step }) => step === 1);
  expect(new Set(ofLong.map(({ claimedBy }) => claimedBy))).to.have.lengthOf(1);
  for (const { losses } of await scenario.versions()) expect(losses).to.equal(0);
}

function expectPause(fromMs: number | undefined, toMs: number | undefined, pauseMs: number): void {
  expect((toMs ?? 0) - (fromMs ?? 0)).to.be.within(pauseMs - ROUNDING_MS, LATE_MS);
}

async function attemptsOf({ knex, table }: Scenario, runId: string) {
  const rows = await knex(`${table}_attempts as a`)
    .join(`${table} as p`, 'p.id', 'a.program_id')
    .where('p.run_id', runId)
    .orderBy('a.id')
    .select<Record<string, unknown>[]>('a.step', 'a.outcome', 'a.started_at', 'a.finished_at');
  return rows.map((row) => ({
    step: Number(row['step']),
    outcome: String(row['outcome']),
    startedAtMs: Number(row['started_at']),
    finishedAtMs: Number(row['finished_at']),
  }));
}
