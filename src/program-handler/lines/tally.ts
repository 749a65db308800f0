import { faultOfService, type BatchTally, type ServiceFault } from '../../program/interruption.js';
import type { BatchCounts, BatchRow, BatchStreaks } from './batch-row.js';
import type { LeftProgram } from './ended-program.js';

/** What a group of programs adds to its batch. */
export interface Added {
  readonly counts: BatchCounts;
  readonly streaks: BatchStreaks;
  /** What the criteria are held against. */
  readonly tally: BatchTally;
}

/** Counts programs that left together, in the order in which they did. */
export function tallied(batch: BatchRow, left: readonly LeftProgram[]): Added {
  const counts = countsAfter(batch.counts, left);
  const row = rowOfErrors(batch.streaks.consecutiveErrors, left);
  const failures = left.filter(({ left: how }) => how === 'errored' || how === 'retried');
  const faults = left.map(faultOf);
  const streaks = {
    consecutiveErrors: row.now,
    rateLimitHits: batch.streaks.rateLimitHits + faults.filter((fault) => fault === 'rateLimit').length,
    serverErrors: batch.streaks.serverErrors + faults.filter((fault) => fault === 'server').length,
  };
  return {
    counts,
    streaks,
    tally: {
      ...streaks,
      total: counts.total,
      errored: counts.errored - batch.erroredBefore,
      consecutiveErrors: row.longest,
      longestFailureMs: Math.max(0, ...failures.map(({ durationMs }) => durationMs)),
      runtimeMs: batch.nowMs - (batch.resumedAtMs ?? batch.createdAtMs),
    },
  };
}

function faultOf({ left, message }: LeftProgram): ServiceFault | undefined {
  if (left === 'held') return 'rateLimit';
  return left === 'errored' || left === 'retried' ? faultOfService(message ?? '') : undefined;
}

function countsAfter(before: BatchCounts, left: readonly LeftProgram[]): BatchCounts {
  const count = (how: LeftProgram['left']) => left.filter((program) => program.left === how).length;
  return {
    total: before.total,
    finished: before.finished + count('finished'),
    errored: before.errored + count('errored'),
    cancelled: before.cancelled + count('cancelled'),
    retried: before.retried + count('retried'),
  };
}

function rowOfErrors(before: number, left: readonly LeftProgram[]): { now: number; longest: number } {
  let [now, longest] = [before, before];
  for (const { left: how } of left) {
    if (how === 'errored') now += 1;
    if (how === 'finished') now = 0;
    longest = Math.max(longest, now);
  }
  return { now, longest };
}
