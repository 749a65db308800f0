/** The one vocabulary for how a program stands. */
export type ProgramState = 'waiting' | 'running' | 'finished' | 'errored';

/**
 * What a waiting program waits for: the moment it was created for, the end of a back-off, a service that takes no
 * more, a worker that knows its job, any worker, the end of a pause of the queue, or, in a table that was taken
 * over, the message of the older library.
 */
export type WaitReason = 'start' | 'backOff' | 'rateLimit' | 'unknownJob' | 'worker' | 'pause' | 'message';

/** How a program stands. */
export interface ProgramStatus {
  runId: string;
  state: ProgramState;
  /** Index of the current job; of the last one that was to run, when the program has ended. */
  step: number;
  /** Its name; undefined in a program without jobs. */
  job: string | undefined;
  /** Counted retries of the current job. */
  previousAttempts: number;
  /** Of a waiting program. */
  waitsFor?: WaitReason;
  /** A waiting program does not start before; a running one is taken over then, unless its worker renews the lease. */
  until?: Date;
  /** Of a running program: host, pid and a UUID of its worker, and a number of the claim. */
  claimedBy?: string;
  /** The last error, as `error_message` has it; also that of a retry which succeeded since. */
  errorMessage?: string;
  /** Of a finished or errored program. */
  endedAt?: Date;
  /** True when an errored program is so because somebody cancelled it. */
  isCancelled?: true;
  /** True when somebody did so by setting `errored_at`. */
  isEndedByHand?: true;
}

/** What of a row says how its program stands; times in epoch milliseconds of the database clock. */
export interface StatusRow {
  readonly runId: string;
  readonly jobs: readonly string[];
  readonly step: number;
  readonly stepRetryCount: number;
  readonly errorMessage: string | null;
  readonly finishedAtMs: number | null;
  readonly erroredAtMs: number | null;
  readonly cancelledAtMs: number | null;
  /** Infinity: not by itself. */
  readonly dueAtMs: number;
  readonly claimedBy: string | null;
  readonly claimedUntilMs: number | null;
  readonly lostCount: number;
  /** What the latest attempt came to, of any job; null before the first. */
  readonly lastOutcome: string | null;
  /** Whether that attempt had an error to tell. */
  readonly hasLastError: boolean;
}

/** Outcomes of an attempt that end a program as errored. */
const ENDINGS: ReadonlySet<string> = new Set(['failed', 'ignored']);

/** The moment at which rows were read. */
export interface StatusMoment {
  readonly nowMs: number;
  readonly isPaused: boolean;
}

type Standing = Pick<StatusRow, 'finishedAtMs' | 'erroredAtMs' | 'claimedUntilMs'>;

export function stateOf(
  { finishedAtMs, erroredAtMs, claimedUntilMs }: Standing,
  nowMs: number,
): ProgramState {
  if (finishedAtMs !== null) return 'finished';
  if (erroredAtMs !== null) return 'errored';
  return claimedUntilMs !== null && claimedUntilMs > nowMs ? 'running' : 'waiting';
}

export function statusOf(row: StatusRow, moment: StatusMoment): ProgramStatus {
  const state = stateOf(row, moment.nowMs);
  return {
    runId: row.runId,
    state,
    step: row.step,
    job: row.jobs[row.step],
    previousAttempts: row.stepRetryCount,
    ...(row.errorMessage === null ? {} : { errorMessage: row.errorMessage }),
    ...detailsOf(state, row, moment),
  };
}

function detailsOf(state: ProgramState, row: StatusRow, moment: StatusMoment): Partial<ProgramStatus> {
  switch (state) {
    case 'waiting':
      return waitingFor(row, moment);
    case 'running':
      return { ...dateOf('until', row.claimedUntilMs), ...(row.claimedBy && { claimedBy: row.claimedBy }) };
    case 'finished':
      return dateOf('endedAt', row.finishedAtMs);
    case 'errored':
      return {
        ...dateOf('endedAt', row.erroredAtMs),
        ...(row.cancelledAtMs === null ? {} : { isCancelled: true }),
        ...(isEndedByHand(row) ? { isCancelled: true, isEndedByHand: true } : {}),
      };
  }
}

function waitingFor(row: StatusRow, { nowMs, isPaused }: StatusMoment): Partial<ProgramStatus> {
  if (row.dueAtMs === Infinity) return { waitsFor: 'message' };
  if (row.dueAtMs > nowMs) return { waitsFor: delayReason(row), ...dateOf('until', row.dueAtMs) };
  return { waitsFor: isPaused ? 'pause' : 'worker' };
}

/** One whose workers died on its step waits for its turn beside no other such program. */
function delayReason({ lastOutcome, hasLastError, lostCount }: StatusRow): WaitReason {
  if (lostCount > 0) return 'worker';
  if (lastOutcome === 'retried') return 'backOff';
  if (lastOutcome !== 'deferred') return 'start';
  return hasLastError ? 'rateLimit' : 'unknownJob';
}

/** Whoever else ends a program as errored leaves an attempt that failed, or in the older library a message. */
function isEndedByHand({ cancelledAtMs, lastOutcome, errorMessage }: StatusRow): boolean {
  if (cancelledAtMs !== null) return false;
  return lastOutcome === null ? errorMessage === null : !ENDINGS.has(lastOutcome);
}

function dateOf<Name extends string>(name: Name, ms: number | null): Partial<Record<Name, Date>> {
  return ms === null ? {} : ({ [name]: new Date(ms) } as Partial<Record<Name, Date>>);
}
