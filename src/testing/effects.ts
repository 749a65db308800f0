import type { JournalEntry } from './journal.js';

/** An effect that `recordEffect` was told of, and the job that had it. */
export interface RecordedEffect {
  effect: string;
  job: string;
  step: number;
  /** Of the job, from 1. */
  attempt: number;
}

/** How often an effect happened in a run. */
export interface EffectCount {
  effect: string;
  job: string;
  times: number;
}

/** An effect belongs to the job that was started last. Run ids in names are those of one run only. */
export function effectsIn(entries: readonly JournalEntry[], runId: string): RecordedEffect[] {
  let start = { job: '', step: 0, attempt: 1 };
  const effects: RecordedEffect[] = [];
  for (const entry of entries) {
    if (entry.kind === 'job') start = { job: entry.job, step: entry.step, attempt: entry.attempt };
    if (entry.kind === 'effect') effects.push({ effect: entry.effect.replaceAll(runId, 'runId'), ...start });
  }
  return effects;
}

/** In the order in which they first happened. */
export function countEffects(effects: readonly RecordedEffect[]): EffectCount[] {
  const counts = new Map<string, EffectCount>();
  for (const { effect, job } of effects) {
    const key = JSON.stringify([effect, job]);
    const count = counts.get(key) ?? { effect, job, times: 0 };
    counts.set(key, { ...count, times: count.times + 1 });
  }
  return [...counts.values()];
}

/** How often one of them happened; 0 where it is not among them. */
export function timesOf(counts: readonly EffectCount[], { effect, job }: EffectCount): number {
  return counts.find((count) => count.effect === effect && count.job === job)?.times ?? 0;
}
