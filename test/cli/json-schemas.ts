import { z } from 'zod';

const time = z.iso.datetime();
const count = z.int().nonnegative();
const ms = z.number().nonnegative();

const batch = z.strictObject({
  id: z.int().positive(),
  code: z.string(),
  type: z.string().nullable(),
  status: z.enum(['pending', 'running', 'paused', 'interrupted', 'completed', 'failed', 'cancelled']),
  createdAt: time,
  completedAt: time.nullable(),
  counts: z.strictObject({
    total: count,
    waiting: count,
    running: count,
    finished: count,
    errored: count,
    cancelled: count,
    retried: count,
  }),
});

const stuck = z.array(
  z.strictObject({ runId: z.string(), job: z.string().nullable(), worker: z.string(), stuckForMs: ms }),
);

const report = z.strictObject({
  batch,
  timing: z.strictObject({
    executions: count,
    averageMs: ms.nullable(),
    minMs: ms.nullable(),
    maxMs: ms.nullable(),
    firstStartedAt: time.nullable(),
    lastEndedAt: time.nullable(),
    mostAttempts: count,
  }),
  throughputPerSecond: z.number().nullable(),
  retries: z.strictObject({ programs: count, finished: count, errored: count }),
  errors: z.array(z.strictObject({ pattern: z.string(), count, example: z.string() })),
  interruptions: z.array(z.strictObject({ reason: z.string(), message: z.string(), createdAt: time })),
  stuck,
});

const program = z.strictObject({
  runId: z.string(),
  batch: z.string().nullable(),
  job: z.string().nullable(),
  status: z.enum(['waiting', 'running', 'finished', 'errored', 'cancelled']),
  attempts: count,
  maxAttempts: count.nullable(),
  createdAt: time.nullable(),
  endedAt: time.nullable(),
  error: z.string().nullable(),
});

const view = z.strictObject({
  runId: z.string(),
  jobs: z.array(z.string()),
  programData: z.unknown(),
  jobData: z.record(z.string(), z.unknown()),
  step: count,
  stepRetryCount: count,
  finishedAt: time.nullable(),
  erroredAt: time.nullable(),
  errorMessage: z.string().nullable(),
  createdAt: time.nullable(),
  updatedAt: time.nullable(),
});

const check = z.strictObject({
  check: z.string(),
  outcome: z.enum(['ok', 'finding', 'skipped']),
  detail: z.string(),
  findings: z.array(z.strictObject({ message: z.string(), remedy: z.string() })),
});

const progress = z.strictObject({
  event: z.literal('progress'),
  batch,
  throughputPerSecond: z.number().nullable(),
  timeLeftMs: ms.nullable(),
  lastErrors: z.array(z.strictObject({ runId: z.string(), message: z.string(), erroredAt: time })),
  stuck,
});

const limits = z.strictObject({
  maxParallelism: count.optional(),
  rateLimit: z.strictObject({ requests: count, windowMs: ms }).optional(),
});

const pool = limits.extend({
  name: z.string(),
  isPaused: z.boolean(),
  running: count,
  waiting: count,
  tokens: z.number().optional(),
  perKey: limits.optional(),
  holders: z.array(z.strictObject({ runId: z.string(), claimedBy: z.string(), key: z.string() })),
});

const worker = z.strictObject({
  id: z.string(),
  host: z.string(),
  pid: count,
  version: z.string(),
  jobs: z.array(z.string()),
  slots: count,
  running: count,
  batch: z.string().nullable(),
  eventLoopLagMs: ms,
  startedAt: time,
  seenAt: time,
  isAlive: z.boolean(),
});

const whyCode = z.enum([
  'finished',
  'errored',
  'expired',
  'cancelled',
  'running',
  'workerLost',
  'queuePaused',
  'batchPaused',
  'batchInterrupted',
  'poolPaused',
  'poolFull',
  'rateLimit',
  'keyFull',
  'turn',
  'start',
  'backOff',
  'unknownJob',
  'noWorker',
  'message',
  'worker',
]);

const why = z.strictObject({
  runId: z.string(),
  code: whyCode,
  message: z.string(),
  until: time.optional(),
  blockedBy: z.array(z.string()).optional(),
});

const ofProgram = z.strictObject({ runId: z.string() });
const ofBatch = z.strictObject({ batch: z.string() });
const ofPool = z.strictObject({ pool: z.string() });
const ofAll = z.strictObject({ all: z.literal(true) });

/** What `--json` prints, by the headings of docs/reference/cli-json.md. */
export const JSON_SCHEMAS = {
  create: z.strictObject({ runId: z.string() }),
  show: view,
  why,
  list: z.strictObject({ programs: z.array(program) }),
  report: z.strictObject({ batches: z.array(batch) }),
  'report of a batch': report,
  'watch, each look': progress,
  'watch, at the end': report.extend({ event: z.literal('ended') }),
  doctor: z.strictObject({ checks: z.array(check) }),
  pools: z.strictObject({ pools: z.array(pool) }),
  workers: z.strictObject({ workers: z.array(worker) }),
  interrupt: ofBatch.extend({ interrupted: z.literal(true) }),
  pause: z.union([ofBatch, ofPool, ofAll].map((named) => named.extend({ paused: z.literal(true) }))),
  resume: z.union(
    [ofProgram, ofBatch, ofPool, ofAll].map((named) => named.extend({ resumed: z.literal(true) })),
  ),
  retry: z.union([ofProgram, ofBatch].map((named) => named.extend({ programs: count }))),
  cancel: z.union(
    [ofProgram, ofBatch, ofPool, ofAll].map((named) =>
      named.extend({ cancelled: z.literal(true), programs: count }),
    ),
  ),
  prune: z.strictObject({ dryRun: z.boolean(), finished: count, errored: count, attempts: count }),
  migrate: z.strictObject({ dryRun: z.boolean(), statements: z.array(z.string()) }),
  errors: z.strictObject({ error: z.strictObject({ code: z.string().optional(), message: z.string() }) }),
} as const;
