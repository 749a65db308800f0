import type { ProgramStatus } from './status.js';
import type { Reason } from './why.js';

/** What of a program's line says why it waits; times in epoch milliseconds of the database clock. */
export interface LineFacts {
  readonly nowMs: number;
  readonly pool: string;
  readonly key: string;
  readonly isPoolPaused: boolean;
  readonly maxParallelism: number;
  readonly running: number;
  /** When the pool may start something again; null: when something of it ends. */
  readonly poolOpensAtMs: number | null;
  readonly keyMaxParallelism: number;
  readonly keyRunning: number;
  readonly keyHeldUntilMs: number;
  /** When its line is asked next; null: it is not. */
  readonly turnAtMs: number | null;
  /** What runs in the pool: `runId`s. */
  readonly holders: readonly string[];
  /** undefined: it is in no batch. */
  readonly batch: BatchFacts | undefined;
}

export interface BatchFacts {
  readonly code: string;
  readonly status: string;
  readonly isPaused: boolean;
  /** Of its last interruption. */
  readonly interruption: string | undefined;
}

/** undefined: nothing of its line keeps it from starting, or its own start or back-off does first. */
export function whyInLine(line: LineFacts, status: ProgramStatus): Reason | undefined {
  return whyOfBatch(line) ?? whyPaused(line) ?? (isLater(status, line) ? undefined : whyNoRoom(line));
}

function whyOfBatch({ batch }: LineFacts): Reason | undefined {
  if (!batch) return undefined;
  const blockedBy = [batch.code];
  if (batch.isPaused)
    return { code: 'batchPaused', message: `Its batch ${batch.code} is paused.`, blockedBy };
  if (batch.status === 'active') return undefined;
  const because = batch.interruption ? ` because of ${batch.interruption}` : '';
  return {
    code: 'batchInterrupted',
    message: `Its batch ${batch.code} is ${batch.status}${because}; resume the batch to let it go on.`,
    blockedBy,
  };
}

function whyPaused({ isPoolPaused, pool }: LineFacts): Reason | undefined {
  if (!isPoolPaused) return undefined;
  return { code: 'poolPaused', message: `Its pool ${pool} is paused.`, blockedBy: [pool] };
}

/** Its own moment comes first: a pool that is full now may not be so then. */
function isLater({ until }: ProgramStatus, { nowMs }: LineFacts): boolean {
  return until !== undefined && until.getTime() > nowMs;
}

function whyNoRoom(line: LineFacts): Reason | undefined {
  const { nowMs, pool, key, holders } = line;
  if (line.running >= line.maxParallelism)
    return {
      code: 'poolFull',
      message: `Its pool ${pool} is full: ${line.running} of ${line.maxParallelism} run, held by ${some(holders)}.`,
      blockedBy: [...holders],
    };
  if (line.poolOpensAtMs !== null && line.poolOpensAtMs > nowMs)
    return untilMoment('rateLimit', `The rate of its pool ${pool} is used up`, line.poolOpensAtMs, pool);
  if (line.keyHeldUntilMs > nowMs)
    return untilMoment('rateLimit', `Key ${key} of pool ${pool} is held back`, line.keyHeldUntilMs, pool);
  if (line.keyRunning >= line.keyMaxParallelism)
    return {
      code: 'keyFull',
      message: `Key ${key} of pool ${pool} is full: ${line.keyRunning} of ${line.keyMaxParallelism} run.`,
      blockedBy: [pool],
    };
  if (line.turnAtMs !== null && line.turnAtMs > nowMs)
    return untilMoment('rateLimit', `The rate of key ${key} in pool ${pool} is used up`, line.turnAtMs, pool);
  return undefined;
}

function untilMoment(code: 'rateLimit', what: string, atMs: number, pool: string): Reason {
  const until = new Date(atMs);
  return { code, message: `${what} until ${until.toISOString()}.`, until, blockedBy: [pool] };
}

function some(runIds: readonly string[]): string {
  const [first = 'others', ...others] = runIds;
  return others.length > 0 ? `${first} and ${others.length} more` : first;
}
