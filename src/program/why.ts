import { EXPIRED } from './expired.js';
import type { ProgramStatus } from './status.js';
import { whyInLine, whyTurn, type LineFacts } from './why-in-line.js';

/** Why a program is not running, or that it is. */
export interface Why {
  runId: string;
  code: WhyCode;
  /** One sentence for people. */
  message: string;
  /** When that is expected to be over. */
  until?: Date;
  /** What it waits for: `runId`s, worker ids, or the name of a pool or batch. */
  blockedBy?: string[];
}

export type WhyCode =
  | 'finished'
  | 'errored'
  | 'expired'
  | 'cancelled'
  | 'running'
  | 'workerLost'
  | 'queuePaused'
  | 'batchPaused'
  | 'batchInterrupted'
  | 'poolPaused'
  | 'poolFull'
  | 'rateLimit'
  | 'keyFull'
  | 'turn'
  | 'start'
  | 'backOff'
  | 'unknownJob'
  | 'noWorker'
  | 'message'
  | 'worker';

/** A worker, as far as it matters here. */
export interface WorkerFacts {
  readonly id: string;
  readonly jobs: readonly string[];
  readonly slots: number;
  readonly running: number;
  /** Code of the batch whose programs alone it runs; null: it runs all. */
  readonly batch: string | null;
  readonly seenAt: Date;
  readonly isAlive: boolean;
}

/** Everything that an answer may depend on, read at about the same moment. */
export interface WhyFacts {
  readonly status: ProgramStatus;
  readonly workers: readonly WorkerFacts[];
  /** Who cancelled it, when somebody did so by a call. */
  readonly cancelledBy: string | undefined;
  /** undefined: it waits in no line. */
  readonly line: LineFacts | undefined;
}

export type Reason = Omit<Why, 'runId'>;

/** The first reason that holds, from the program itself outwards. */
export function whyOf(facts: WhyFacts): Why {
  const { status } = facts;
  return { runId: status.runId, ...(whyEnded(facts) ?? whyRunning(facts) ?? whyWaiting(facts)) };
}

function whyEnded(facts: WhyFacts): Reason | undefined {
  const { status } = facts;
  const at = status.endedAt ? ` on ${status.endedAt.toISOString()}` : '';
  if (status.state === 'finished') return { code: 'finished', message: `It finished${at}.` };
  if (status.state !== 'errored') return undefined;
  if (status.isCancelled) return { code: 'cancelled', message: cancelled(facts, at) };
  if (status.errorMessage === EXPIRED) return { code: 'expired', message: `It ended${at}: ${EXPIRED}.` };
  return {
    code: 'errored',
    message: `It failed${at} in job ${status.job ?? ''}${because(status)}; retry it when that is mended.`,
  };
}

function cancelled({ status, cancelledBy }: WhyFacts, at: string): string {
  if (status.isEndedByHand)
    return `It was cancelled${at} by hand, as somebody set errored_at; clear that to let it go on.`;
  return `It was cancelled${cancelledBy ? ` by ${cancelledBy}` : ''}${at}${because(status)}.`;
}

function because({ errorMessage }: ProgramStatus): string {
  return errorMessage ? `: ${errorMessage}` : '';
}

function whyRunning({ status, workers }: WhyFacts): Reason | undefined {
  if (status.state !== 'running') return undefined;
  const holder = status.claimedBy ?? '';
  const worker = workers.find(({ id }) => holder.startsWith(`${id}:`));
  const until = status.until ? { until: status.until } : {};
  const blockedBy = [worker?.id ?? holder];
  const end = status.until?.toISOString() ?? '';
  if (worker && !worker.isAlive)
    return {
      code: 'workerLost',
      message: `Worker ${worker.id} holds it but was last seen on ${worker.seenAt.toISOString()}; it is taken over when its lease ends on ${end}.`,
      ...until,
      blockedBy,
    };
  return {
    code: 'running',
    message: `It runs: job ${status.job ?? ''}, claimed by ${holder} until ${end}, which its worker renews.`,
    ...until,
    blockedBy,
  };
}

function whyWaiting(facts: WhyFacts): Reason {
  const { status, line } = facts;
  const able = { ...facts, workers: facts.workers.filter(isFor(line)) };
  if (status.waitsFor === 'pause')
    return {
      code: 'queuePaused',
      message: 'The whole queue is paused; resume it to let this program start.',
    };
  return (
    (line && whyInLine(line, status)) ??
    whyLater(able) ??
    whyNobody(facts) ??
    whyNoWorker(able) ??
    (line && whyTurn(line)) ??
    whyNoSlot(able)
  );
}

/** Whether a worker may run what waits in this line, or in none. */
function isFor(line: LineFacts | undefined): (worker: WorkerFacts) => boolean {
  return ({ batch }) => batch === null || batch === line?.batch?.code;
}

function whyLater({ status, workers }: WhyFacts): Reason | undefined {
  const { waitsFor, until } = status;
  const moment = until?.toISOString() ?? '';
  const when = until ? { until } : {};
  if (waitsFor === 'start')
    return { code: 'start', message: `It was created to start on ${moment}.`, ...when };
  if (waitsFor === 'message')
    return {
      code: 'message',
      message:
        'It is a row of the older library that waits for its message; resumeProgram starts it without one.',
    };
  if (waitsFor === 'backOff')
    return {
      code: 'backOff',
      message: `It waits until ${moment}, as attempt ${status.previousAttempts} of job ${status.job ?? ''} failed${because(status)}.`,
      ...when,
    };
  if (waitsFor === 'rateLimit')
    return {
      code: 'rateLimit',
      message: `It waits until ${moment}, as job ${status.job ?? ''} was told to come back later${because(status)}.`,
      ...when,
    };
  return waitsFor === 'unknownJob' ? unknownJob(status, workers) : undefined;
}

function unknownJob({ job, until }: ProgramStatus, workers: readonly WorkerFacts[]): Reason {
  const knowing = workers.filter(({ isAlive, jobs }) => isAlive && isAmong(jobs, job));
  const who =
    knowing.length > 0
      ? `known to ${knowing.map(({ id }) => id).join(', ')}`
      : 'known to no worker that is alive';
  const moment = until ? `, asked again on ${until.toISOString()}` : '';
  return {
    code: 'unknownJob',
    message: `The worker that claimed it does not know job ${job ?? ''}, which is ${who}${moment}.`,
    ...(until ? { until } : {}),
    blockedBy: knowing.map(({ id }) => id),
  };
}

function whyNobody({ workers, line }: WhyFacts): Reason | undefined {
  const alive = workers.filter(({ isAlive }) => isAlive);
  if (alive.some(isFor(line))) return undefined;
  const message =
    alive.length === 0
      ? 'It is due, but no worker is alive on this table; start one.'
      : 'It is due, but every worker that is alive on this table runs programs of another batch alone; start one that does not.';
  return { code: 'noWorker', message };
}

function whyNoWorker({ workers, status }: WhyFacts): Reason | undefined {
  if (workers.some(({ isAlive, jobs }) => isAlive && isAmong(jobs, status.job))) return undefined;
  return {
    code: 'unknownJob',
    message: `It is due, but no worker that is alive knows job ${status.job ?? ''}.`,
    blockedBy: [],
  };
}

function whyNoSlot({ workers, status }: WhyFacts): Reason {
  const knowing = workers.filter(({ isAlive, jobs }) => isAlive && isAmong(jobs, status.job));
  const ids = knowing.map(({ id }) => id);
  if (knowing.every(({ running, slots }) => running >= slots))
    return {
      code: 'worker',
      message: `It is due, but every worker that may run it is full: ${ids.join(', ')}.`,
      blockedBy: ids,
    };
  return {
    code: 'worker',
    message: 'It is due, and a worker with a free slot is about to claim it.',
    blockedBy: [],
  };
}

/** Programs without jobs are for any worker. */
function isAmong(jobs: readonly string[], job: string | undefined): boolean {
  return job === undefined || jobs.includes(job);
}
