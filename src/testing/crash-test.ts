import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Boundary } from './boundary.js';
import { CrashReport, CrashTestError, type CrashFailure, type RepeatedEffect } from './crash-report.js';
import { runOnce, type RunRecord } from './crash-run.js';
import { checkCrashTest, type CheckedCrashTest, type CrashTestOptions } from './crash-test-options.js';
import { countEffects, timesOf, type EffectCount } from './effects.js';
import { judgeRun } from './judge-run.js';

/**
 * Runs a program in a process of its own, on a SQLite file in a temporary folder: once as it is, and then
 * once for each boundary that it came by there, where the process is killed with SIGKILL and another one
 * runs the program to its end. A boundary is a point right before or after something is committed: the
 * claim, job data, the end of a step, a program that a job creates. Leases, back-offs and start times are
 * not waited for.
 *
 * Resolves with a report that says which job repeated which effect, as far as jobs call `recordEffect`.
 * @throws CrashTestError when, in any of the runs, the program does not end as expected, an effect is lost or
 * (see `exactlyOnce`) repeated, or `check` throws; ConfigError, InvalidProgramError when called wrongly
 */
export async function crashTest(options: CrashTestOptions): Promise<CrashReport> {
  const settings = await checkCrashTest(options);
  const folder = await mkdtemp(join(tmpdir(), 'program-executor-crash-test-'));
  try {
    return await testAllBoundaries(settings, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function testAllBoundaries(settings: CheckedCrashTest, folder: string): Promise<CrashReport> {
  const plain = await runOnce(settings, folder, undefined);
  const usual = countEffects(plain.effects);
  const findings: Findings = { effects: usual, boundaries: [], repeated: [], failures: [] };
  findings.failures.push(...(await judgeRun(plain, usual, settings)));
  // What goes wrong without a crash would go wrong with each.
  const boundaries = findings.failures.length > 0 ? [] : plain.boundaries;
  for (const { number } of boundaries) {
    const run = await runOnce(settings, folder, number);
    findings.failures.push(...(await judgeRun(run, usual, settings)));
    if (!run.crashedAt) continue;
    findings.boundaries.push(run.crashedAt);
    findings.repeated.push(...repeatsIn(run, run.crashedAt, usual));
  }
  const report = new CrashReport(findings);
  if (report.failures.length > 0) throw new CrashTestError(report);
  return report;
}

interface Findings {
  readonly effects: EffectCount[];
  readonly boundaries: Boundary[];
  readonly repeated: RepeatedEffect[];
  readonly failures: CrashFailure[];
}

function repeatsIn(
  { effects }: RunRecord,
  crashedAt: Boundary,
  usual: readonly EffectCount[],
): RepeatedEffect[] {
  return countEffects(effects)
    .map((count) => ({ ...count, expected: timesOf(usual, count), crashedAt }))
    .filter(({ times, expected }) => times > expected);
}
