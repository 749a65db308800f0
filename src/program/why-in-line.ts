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
  /** Nothing of the pool starts before, as a job was rate limited. */
  readonly poolHeldUntilMs: number;
  readonly keyMaxParallelism: number;
  readonly keyRunning: number;
  readonly keyHeldUntilMs: number;
  /** When its line is asked next; null: it is not. */
  readonly turnAtMs: number | null;
  /** What runs in the pool: `runId`s. */
  readonly holders: readonly string[];
  /** Those of its key. */
  readonly keyHolders: readonly string[];
  /** Other lines of its pool whose turn is before that of its own. */
  readonly linesBefore: number;
  /** What is before it in its own line. */
  readonly programsBefore: number;
  /** undefined: it is in no batch. */
  readonly batch: BatchFacts | undefined;
}

export interface BatchFacts {
  readonly code: string;
  readonly status: string;
  readonly isPaused: boolean;
  /** Reason and message of its last interruption. */
  readonly interruption: string | undefined;
}

/** undefined: nothing of its line keeps it from starting, or its own start or back-off does first. */
export function whyInLine(line: LineFacts, status: ProgramStatus): Reason | undefined {
  return whyOfBatch(line) ?? whyPaused(line) ?? (isLater(status, line) ? undefined : whyNoRoom(line));
}

function whyOfBatch({ batch }: LineFacts): Reason | undefined {
  if (!batch) return undefined;
  const blockedBy = [batch.code];
  if (batch.status === 'cancelled')
    return {
      code: 'batchInterrupted',
      message: `Its batch ${batch.code} was cancelled, so it does not start; create it anew outside that batch.`,
      blockedBy,
    };
  if (batch.isPaused)
    return { code: 'batchPaused', message: `Its batch ${batch.code} is paused.`, blockedBy };
  if (batch.status === 'active') return undefined;
  const because = batch.interruption ? ` (${batch.interruption})` : '';
  return {
    code: 'batchInterrupted',
    message: `Its batch ${batch.code} is ${batch.status}${because}; resume the batch to let it go on.`,
    blockedBy,
  };
}

function whyPaused({ isPoolPaused, pool, maxParallelism }: LineFacts): Reason | undefined {
  const blockedBy = [pool];
  if (isPoolPaused) return { code: 'poolPaused', message: `Its pool ${pool} is paused.`, blockedBy };
  if (maxParallelism > 0) return undefined;
  return { code: 'poolPaused', message: `Its pool ${pool} has a maxParallelism of 0.`, blockedBy };
}

/** Its own moment comes first: a pool that is full now may not be so then. */
function isLater({ until }: ProgramStatus, { nowMs }: LineFacts): boolean {
  return until !== undefined && until.getTime() > nowMs;
}

function whyNoRoom(line: LineFacts): Reason | undefined {
  return whyPoolFull(line) ?? whyPoolClosed(line) ?? whyKeyClosed(line);
}

function whyPoolFull(line: LineFacts): Reason | undefined {
  const { pool, holders } = line;
  if (line.running < line.maxParallelism) return undefined;
  return {
    code: 'poolFull',
    message: `Its pool ${pool} is full: ${line.running} of ${line.maxParallelism} run, held by ${some(holders)}.`,
    blockedBy: [...holders],
  };
}

function whyPoolClosed({ nowMs, pool, poolHeldUntilMs, poolOpensAtMs }: LineFacts): Reason | undefined {
  if (poolHeldUntilMs > nowMs)
    return untilMoment(`Its pool ${pool} is held back by a rate limit`, poolHeldUntilMs, pool);
  if (poolOpensAtMs === null || poolOpensAtMs <= nowMs) return undefined;
  return untilMoment(`The rate of its pool ${pool} is used up`, poolOpensAtMs, pool);
}

function whyKeyClosed(line: LineFacts): Reason | undefined {
  const { nowMs, keyHeldUntilMs, keyHolders, turnAtMs } = line;
  const key = nameOfKey(line);
  const blocking = line.pool || line.key;
  if (keyHeldUntilMs > nowMs)
    return untilMoment(`Its ${key} is held back by a rate limit`, keyHeldUntilMs, blocking);
  if (line.keyRunning >= line.keyMaxParallelism)
    return {
      code: 'keyFull',
      message: `Its ${key} is full: ${line.keyRunning} of ${line.keyMaxParallelism} run, held by ${some(keyHolders)}.`,
      blockedBy: [...keyHolders],
    };
  if (turnAtMs === null || turnAtMs <= nowMs) return undefined;
  return untilMoment(`The rate of its ${key} is used up`, turnAtMs, blocking);
}

/** There is room, but others come first; undefined: none do. */
export function whyTurn(line: LineFacts): Reason | undefined {
  const { linesBefore, programsBefore, pool } = line;
  if (linesBefore + programsBefore === 0) return undefined;
  const place = pool === '' ? '' : ` in pool ${pool}`;
  return {
    code: 'turn',
    message: `It is due and waits for its turn${place}, behind ${programsBefore} programs of its line and ${linesBefore} other lines.`,
    blockedBy: pool === '' ? [] : [pool],
  };
}

function untilMoment(what: string, atMs: number, blocking: string): Reason {
  const until = new Date(atMs);
  return {
    code: 'rateLimit',
    message: `${what} until ${until.toISOString()}.`,
    until,
    blockedBy: [blocking],
  };
}

/** The pool that has no name is that of all programs which name none. */
function nameOfKey({ key, pool }: LineFacts): string {
  return pool === '' ? `key ${key}` : `key ${key} of pool ${pool}`;
}

function some(runIds: readonly string[]): string {
  const [first = 'others', ...others] = runIds;
  return others.length > 0 ? `${first} and ${others.length} more` : first;
}
