import { messageOf } from '../errors/index.js';
import type { ProgramView } from '../program/program.js';
import type { CrashFailure } from './crash-report.js';
import type { RunRecord } from './crash-run.js';
import type { CheckedCrashTest } from './crash-test-options.js';
import { countEffects, timesOf, type EffectCount } from './effects.js';

/** What is expected of every run. */
export type Expectations = Pick<CheckedCrashTest, 'check' | 'endsAs' | 'exactlyOnce'>;

/**
 * What is wrong with a run; what comes first only, as the rest would follow from it.
 * @param usual the effects of the run without a crash
 */
export async function judgeRun(
  run: RunRecord,
  usual: readonly EffectCount[],
  { check, endsAs, exactlyOnce }: Expectations,
): Promise<CrashFailure[]> {
  const { crashedAt, effects, program, databasePath } = run;
  if (!program) return [{ crashedAt, message: run.failure ?? '' }];
  const wrongEnd = endProblem(program, endsAs);
  if (wrongEnd !== undefined) return [{ crashedAt, message: wrongEnd }];
  const counts = countEffects(effects);
  const problems = [...lostEffects(counts, usual), ...notOnce(counts, usual, exactlyOnce)];
  const messages = [...new Set(problems)].map((message) => ({ crashedAt, message }));
  try {
    await check({ program, crashedAt, effects, databasePath });
    return messages;
  } catch (cause) {
    return [{ crashedAt, message: `check: ${messageOf(cause)}`, cause }, ...messages];
  }
}

function endProblem(program: ProgramView, endsAs: Expectations['endsAs']): string | undefined {
  const { finishedAt, erroredAt, errorMessage, jobs, step } = program;
  const end = finishedAt ? 'finished' : 'errored';
  if (!finishedAt && !erroredAt) return `the program did not end; it waits at job ${jobs[step]}`;
  if (end === endsAs) return undefined;
  return end === 'errored'
    ? `the program errored at job ${jobs[step]}: ${errorMessage}`
    : 'the program finished';
}

/** A job is started again until its end is recorded, so what it does must happen once at least. */
function lostEffects(counts: readonly EffectCount[], usual: readonly EffectCount[]): string[] {
  return usual
    .filter((count) => timesOf(counts, count) < count.times)
    .map((count) => lost(count, timesOf(counts, count)));
}

function lost({ effect, job, times: usual }: EffectCount, times: number): string {
  return `job ${job} lost "${effect}": ${times} times instead of ${usual} (does its name differ from run to run?)`;
}

function notOnce(
  counts: readonly EffectCount[],
  usual: readonly EffectCount[],
  exactlyOnce: Expectations['exactlyOnce'],
): string[] {
  const named = exactlyOnce === true ? [...usual, ...counts].map(({ effect }) => effect) : exactlyOnce;
  return [...new Set(named)]
    .map((effect) => ({ effect, times: totalOf(counts, effect) }))
    .filter(({ times }) => times !== 1)
    .map(({ effect, times }) => `"${effect}" happened ${times} times, and must exactly once`);
}

function totalOf(counts: readonly EffectCount[], effect: string): number {
  return counts.filter((count) => count.effect === effect).reduce((sum, { times }) => sum + times, 0);
}
