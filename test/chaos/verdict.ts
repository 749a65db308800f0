import type { ProgramView } from '../../index.js';
import { histories, successes, versions, violations, type Version } from '../faults/harness/audit.js';
import { fieldAt } from './jobs.js';
import { jobAt, type Step } from './steps.js';
import type { World } from './world.js';

/** What the audit has of one program, and what it should have come to. */
export interface Case {
  readonly program: ProgramView | undefined;
  readonly runId: string;
  readonly steps: readonly Step[];
  readonly history: readonly Version[];
  readonly isCancelled: boolean;
  readonly isRefused: boolean;
}

const LOST_TOO_OFTEN = /^Lost \d+ times in a row/;
const REFUSED = /^The database refused to store/;

/** Everything that is wrong with any program: nothing, when nothing was lost and nothing made twice. */
export async function findViolations(world: World): Promise<{ found: string[]; cases: Case[] }> {
  const byRunId = histories(await versions(world.knex, world.table));
  const cases = await casesOf(world, byRunId);
  const succeeded = await successes(world.knex, world.table);
  const effects = await countEffects(world);
  const found = cases.flatMap((one) => [
    ...wrongEnd(one),
    ...violations(
      { runId: one.runId, jobs: one.steps.length, end: endOf(one) },
      untilLetGo(one.history),
      succeeded,
    ),
    ...wrongEffects(one, effects),
    ...lostMerges(one),
  ]);
  const strangers = [...byRunId.keys()].filter((runId) => !world.programs.byRunId.has(runId));
  const ofNobody = strangers.map((runId) => `${runId} exists, and nobody has committed it`);
  return { found: [...found, ...ofNobody, ...badWorkers(world)], cases };
}

function badWorkers({ workforce: { tally, leavers } }: World): string[] {
  const crashes = tally.crashes.map((message) => `A worker crashed: ${message}`);
  return [...crashes, ...leavers.map((leaver) => `A worker was told to stop and has not ended: ${leaver}`)];
}

/** All programs but those that somebody has deleted. */
async function casesOf(
  { programs, executor }: World,
  byRunId: ReadonlyMap<string, Version[]>,
): Promise<Case[]> {
  const cases: Case[] = [];
  for (const [runId, steps] of programs.byRunId) {
    const program = await executor.getProgram(runId);
    if (!program && programs.deleted.has(runId)) continue;
    const history = byRunId.get(runId) ?? [];
    const [isCancelled, isRefused] = [programs.cancelled.has(runId), programs.refused.has(runId)];
    cases.push({ program, runId, steps, history, isCancelled, isRefused });
  }
  return cases;
}

function endOf({ program }: Case): 'finished' | 'errored' {
  return program?.finishedAt ? 'finished' : 'errored';
}

function wrongEnd(one: Case): string[] {
  const { program, runId, steps } = one;
  if (!program) return [`${runId} is gone`];
  if (!program.finishedAt && !program.erroredAt)
    return [`${runId} has not ended: step ${program.step} of ${steps.length}`];
  const expected = steps.some(({ kind }) => kind === 'fail') ? 'errored' : 'finished';
  const end = endOf(one);
  if (end === expected || (end === 'errored' && mayBeErrored(one))) return [];
  return [`${runId} ${end} instead of ${expected}: ${program.errorMessage}`];
}

function mayBeErrored({ program, isCancelled, isRefused }: Case): boolean {
  const message = program?.errorMessage ?? '';
  return isCancelled || LOST_TOO_OFTEN.test(message) || (isRefused && REFUSED.test(message));
}

/** The claim of a cancelled program is taken back by its worker: that is no change of the program. */
function untilLetGo(history: readonly Version[]): Version[] {
  const [last, before] = [history.at(-1), history.at(-2)];
  const isLetGo = before?.errored && last?.claimedBy === null && before.claimedBy !== null;
  return isLetGo ? history.slice(0, -1) : [...history];
}

function wrongEffects({ runId, steps, program }: Case, effects: ReadonlyMap<string, number>): string[] {
  return steps.flatMap((step, index) => {
    const count = effects.get(`${runId}:${index}`) ?? 0;
    const expected = step.kind === 'insert' && isDone(program, index) ? 1 : 0;
    return count === expected
      ? []
      : [`${runId} inserted ${count} times instead of ${expected} at step ${index}`];
  });
}

function lostMerges({ runId, steps, program }: Case): string[] {
  return steps.flatMap((step, index) => {
    if (step.kind !== 'merge' || !isDone(program, index)) return [];
    const data = (program?.jobData[jobAt(index)] ?? {}) as object;
    const lost = Array.from({ length: step.fields }, (_, field) => fieldAt(field)).filter(
      (field) => !Object.keys(field).every((key) => key in data),
    );
    return lost.length === 0 ? [] : [`${runId} lost ${lost.length} merges of step ${index}`];
  });
}

function isDone(program: ProgramView | undefined, step: number): boolean {
  return program !== undefined && (program.finishedAt !== null || program.step > step);
}

async function countEffects({ knex, table }: World): Promise<Map<string, number>> {
  const rows = await knex(`${table}_effects`).select<{ run_id: string; step: number }[]>('run_id', 'step');
  const counts = new Map<string, number>();
  for (const { run_id: runId, step } of rows)
    counts.set(`${runId}:${step}`, (counts.get(`${runId}:${step}`) ?? 0) + 1);
  return counts;
}
