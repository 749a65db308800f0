import { expect } from 'chai';
import type { WhyCode } from '../../index.js';
import { EXPIRED } from '../../src/program/expired.js';
import type { ProgramStatus } from '../../src/program/status.js';
import { whyOf, type WhyFacts, type WorkerFacts } from '../../src/program/why.js';
import type { BatchFacts, LineFacts } from '../../src/program/why-in-line.js';

const NOW = Date.UTC(2030, 0, 1);
const SOON = new Date(NOW + 60_000);
const AT = SOON.toISOString();

const worker: WorkerFacts = {
  id: 'host:1:w',
  jobs: ['mail'],
  slots: 2,
  running: 0,
  batch: null,
  seenAt: new Date(NOW),
  isAlive: true,
};
const dead: WorkerFacts = { ...worker, id: 'host:2:d', isAlive: false };

const waiting: ProgramStatus = {
  runId: 'me',
  state: 'waiting',
  step: 0,
  job: 'mail',
  previousAttempts: 0,
  waitsFor: 'worker',
};
const ended: ProgramStatus = { ...waiting, state: 'errored', endedAt: SOON };

const line: LineFacts = {
  nowMs: NOW,
  pool: 'smtp',
  key: 'shop',
  isPoolPaused: false,
  maxParallelism: 2,
  running: 0,
  poolOpensAtMs: NOW,
  poolHeldUntilMs: 0,
  keyMaxParallelism: 1,
  keyRunning: 0,
  keyHeldUntilMs: 0,
  turnAtMs: NOW,
  holders: [],
  keyHolders: [],
  linesBefore: 0,
  programsBefore: 0,
  batch: undefined,
};
const batch: BatchFacts = { code: 'march', status: 'active', isPaused: false, interruption: undefined };

type Changes = Omit<Partial<WhyFacts>, 'status' | 'line'> & {
  status?: Partial<ProgramStatus>;
  line?: Partial<LineFacts>;
};

function factsOf(changes: Changes): WhyFacts {
  return {
    workers: [worker],
    cancelledBy: undefined,
    ...changes,
    status: { ...waiting, ...changes.status },
    line: changes.line && { ...line, ...changes.line },
  };
}

interface Case {
  when: string;
  facts: Changes;
  code: WhyCode;
  /** What the sentence names. */
  names: string[];
  blockedBy?: string[];
  isSoon?: true;
}

const CASES: Case[] = [
  {
    when: 'it is finished',
    facts: { status: { ...ended, state: 'finished' } },
    code: 'finished',
    names: [AT],
  },
  {
    when: 'a job failed',
    facts: { status: { ...ended, errorMessage: 'no such shop' } },
    code: 'errored',
    names: [AT, 'job mail', 'no such shop'],
  },
  {
    when: 'a job failed and said that something had expired',
    facts: { status: { ...ended, errorMessage: 'Expired: the session token' } },
    code: 'errored',
    names: [AT, 'job mail', 'Expired: the session token'],
  },
  {
    when: 'it expired',
    facts: { status: { ...ended, errorMessage: EXPIRED } },
    code: 'expired',
    names: [AT, EXPIRED],
  },
  {
    when: 'somebody cancelled it by a call',
    facts: { status: { ...ended, isCancelled: true, errorMessage: 'Expired stock' }, cancelledBy: 'ann' },
    code: 'cancelled',
    names: ['by ann', AT, 'Expired stock'],
  },
  {
    when: 'somebody cancelled it with many others',
    facts: { status: { ...ended, isCancelled: true, errorMessage: 'closing' } },
    code: 'cancelled',
    names: [AT, 'closing'],
  },
  {
    when: 'somebody set errored_at after a retry',
    facts: { status: { ...ended, isCancelled: true, isEndedByHand: true, errorMessage: 'busy' } },
    code: 'cancelled',
    names: [AT, 'by hand', 'errored_at'],
  },
  {
    when: 'it runs',
    facts: { status: { state: 'running', claimedBy: 'host:1:w:7', until: SOON } },
    code: 'running',
    names: ['host:1:w', 'job mail', AT],
    blockedBy: ['host:1:w'],
    isSoon: true,
  },
  {
    when: 'it runs on a worker that was not seen for long',
    facts: { status: { state: 'running', claimedBy: 'host:2:d:7', until: SOON }, workers: [worker, dead] },
    code: 'workerLost',
    names: ['host:2:d', AT, dead.seenAt.toISOString()],
    blockedBy: ['host:2:d'],
    isSoon: true,
  },
  {
    when: 'the queue is paused, whatever else there is',
    facts: { status: { waitsFor: 'pause' }, line: { isPoolPaused: true } },
    code: 'queuePaused',
    names: ['queue is paused'],
  },
  {
    when: 'its batch is paused',
    facts: { line: { batch: { ...batch, isPaused: true } } },
    code: 'batchPaused',
    names: ['march'],
    blockedBy: ['march'],
  },
  {
    when: 'its batch was interrupted',
    facts: { line: { batch: { ...batch, status: 'interrupted', interruption: 'errored: 5 of 9' } } },
    code: 'batchInterrupted',
    names: ['march', 'is interrupted (errored: 5 of 9)'],
    blockedBy: ['march'],
  },
  {
    when: 'its pool is paused, though it is to start later',
    facts: { status: { waitsFor: 'start', until: SOON }, line: { isPoolPaused: true } },
    code: 'poolPaused',
    names: ['smtp'],
    blockedBy: ['smtp'],
  },
  {
    when: 'its pool may run nothing',
    facts: { line: { maxParallelism: 0 } },
    code: 'poolPaused',
    names: ['smtp', 'maxParallelism of 0'],
    blockedBy: ['smtp'],
  },
  {
    when: 'its batch was cancelled, also while it was paused, before somebody took its end back by hand',
    facts: { line: { batch: { ...batch, status: 'cancelled', isPaused: true } } },
    code: 'batchInterrupted',
    names: ['march was cancelled', 'create it anew outside that batch'],
    blockedBy: ['march'],
  },
  {
    when: 'its pool is full',
    facts: { line: { running: 2, holders: ['one', 'two'], poolOpensAtMs: null } },
    code: 'poolFull',
    names: ['smtp', '2 of 2', 'one and 1 more'],
    blockedBy: ['one', 'two'],
  },
  {
    when: 'the rate of its pool is used up',
    facts: { line: { poolOpensAtMs: Number(SOON) } },
    code: 'rateLimit',
    names: ['smtp', AT, 'used up'],
    blockedBy: ['smtp'],
    isSoon: true,
  },
  {
    when: 'a job of its pool was rate limited',
    facts: { line: { poolOpensAtMs: Number(SOON), poolHeldUntilMs: Number(SOON) } },
    code: 'rateLimit',
    names: ['smtp', AT, 'held back'],
    blockedBy: ['smtp'],
    isSoon: true,
  },
  {
    when: 'a job of its key was rate limited',
    facts: { line: { keyHeldUntilMs: Number(SOON) } },
    code: 'rateLimit',
    names: ['key shop of pool smtp', AT, 'held back'],
    blockedBy: ['smtp'],
    isSoon: true,
  },
  {
    when: 'a job of its key was rate limited, in no pool',
    facts: { line: { pool: '', keyHeldUntilMs: Number(SOON) } },
    code: 'rateLimit',
    names: ['key shop is', AT],
    blockedBy: ['shop'],
    isSoon: true,
  },
  {
    when: 'the rate of its key is used up',
    facts: { line: { turnAtMs: Number(SOON) } },
    code: 'rateLimit',
    names: ['key shop of pool smtp', AT, 'used up'],
    blockedBy: ['smtp'],
    isSoon: true,
  },
  {
    when: 'its own job was rate limited',
    facts: { status: { waitsFor: 'rateLimit', until: SOON, errorMessage: 'slow down' } },
    code: 'rateLimit',
    names: ['job mail', AT, 'slow down'],
    isSoon: true,
  },
  {
    when: 'its key is full',
    facts: { line: { keyRunning: 1, keyHolders: ['one'], turnAtMs: null } },
    code: 'keyFull',
    names: ['key shop of pool smtp', '1 of 1', 'held by one'],
    blockedBy: ['one'],
  },
  {
    when: 'others come first',
    facts: { line: { linesBefore: 3, programsBefore: 2 } },
    code: 'turn',
    names: ['pool smtp', '2 programs', '3 other lines'],
    blockedBy: ['smtp'],
  },
  {
    when: 'it is to start later, in a pool that is full now',
    facts: { status: { waitsFor: 'start', until: SOON }, line: { running: 2, holders: ['one'] } },
    code: 'start',
    names: [AT],
    isSoon: true,
  },
  {
    when: 'it backs off',
    facts: { status: { waitsFor: 'backOff', until: SOON, previousAttempts: 3, errorMessage: 'busy' } },
    code: 'backOff',
    names: [AT, 'attempt 3', 'job mail', 'busy'],
    isSoon: true,
  },
  {
    when: 'the worker that claimed it does not know its job, but others do',
    facts: { status: { waitsFor: 'unknownJob', until: SOON }, workers: [worker, dead] },
    code: 'unknownJob',
    names: ['job mail', 'known to host:1:w,', AT],
    blockedBy: ['host:1:w'],
    isSoon: true,
  },
  {
    when: 'it is due and no worker that is alive knows its job',
    facts: { workers: [{ ...worker, jobs: ['post'] }, dead] },
    code: 'unknownJob',
    names: ['job mail'],
    blockedBy: [],
  },
  { when: 'no worker is alive', facts: { workers: [dead] }, code: 'noWorker', names: ['no worker is alive'] },
  {
    when: 'all workers that are alive are for one batch, and it is in none',
    facts: { workers: [{ ...worker, batch: 'march' }, dead] },
    code: 'noWorker',
    names: ['another batch alone'],
  },
  {
    when: 'all workers that are alive are for one batch, and it is in another',
    facts: { workers: [{ ...worker, batch: 'april' }], line: { batch } },
    code: 'noWorker',
    names: ['another batch alone'],
  },
  {
    when: 'it is a row of the older library',
    facts: { status: { waitsFor: 'message' } },
    code: 'message',
    names: ['resumeProgram'],
  },
  {
    when: 'all workers that know its job are full',
    facts: {
      workers: [
        { ...worker, running: 2 },
        { ...worker, id: 'other', jobs: ['post'] },
      ],
    },
    code: 'worker',
    names: ['host:1:w'],
    blockedBy: ['host:1:w'],
  },
  {
    when: 'the workers that know its job are for another batch, but one of its own is full',
    facts: {
      workers: [
        { ...worker, batch: 'april' },
        { ...worker, id: 'ours', batch: 'march', running: 2 },
      ],
      line: { batch },
    },
    code: 'worker',
    names: ['full: ours'],
    blockedBy: ['ours'],
  },
  {
    when: 'the only worker that knows its job is for another batch',
    facts: {
      workers: [
        { ...worker, batch: 'march' },
        { ...worker, jobs: ['post'] },
      ],
    },
    code: 'unknownJob',
    names: ['job mail'],
    blockedBy: [],
  },
  { when: 'a worker is free', facts: { line: {} }, code: 'worker', names: ['about to'], blockedBy: [] },
  {
    when: 'it has no jobs',
    facts: { status: { job: undefined } },
    code: 'worker',
    names: ['about to'],
    blockedBy: [],
  },
];

const CODES: Record<WhyCode, true> = {
  finished: true,
  errored: true,
  expired: true,
  cancelled: true,
  running: true,
  workerLost: true,
  queuePaused: true,
  batchPaused: true,
  batchInterrupted: true,
  poolPaused: true,
  poolFull: true,
  rateLimit: true,
  keyFull: true,
  turn: true,
  start: true,
  backOff: true,
  unknownJob: true,
  noWorker: true,
  message: true,
  worker: true,
};

describe('why a program is not running', () => {
  for (const { when, facts, code, names, blockedBy, isSoon } of CASES)
    it(`${code}: ${when}`, () => {
      const why = whyOf(factsOf(facts));
      expect(why).to.include({ runId: 'me', code });
      for (const name of names) expect(why.message).to.include(name);
      expect(why.message).to.match(/^[A-Z].*[^.]\.$/s);
      expect(why.blockedBy).to.deep.equal(blockedBy);
      expect(why.until).to.deep.equal(isSoon ? SOON : undefined);
    });

  it('each code has a case', () => {
    expect([...new Set(CASES.map(({ code }) => code))]).to.have.members(Object.keys(CODES));
  });
});
