import type { ExecutorConfig } from '../../../index.js';
import { decorated, plain } from '../../../src/decorators.js';
import type { Dialect } from '../../../src/program-handler/index.js';
import { withCommitPoints } from '../../../src/transaction-points.js';
import type { Hint, QueueManager } from '../../../src/queue-manager/index.js';

/** The stages of a program's way at whose edges a process may be made to die. */
export const STAGES = ['insert', 'publish', 'claim', 'job', 'save', 'record', 'settle'] as const;

/** Where a process dies; after a write means: it is committed, and nobody has heard of it. */
export type CrashPoint = `${'before' | 'after'} ${(typeof STAGES)[number]}`;

/** Called at the edges of every stage; does not return where the process is to die. */
export type AtPoint = (point: CrashPoint) => void;

/** Dies at `point`, the `nth` time that it comes there, as in a power failure. */
export function dieAt(point: CrashPoint, nth = 1): AtPoint {
  let count = 0;
  return (reached) => {
    if (reached !== point) return;
    count += 1;
    if (count === nth) process.kill(process.pid, 'SIGKILL');
  };
}

/** A configuration whose executor comes by every point but those of its jobs, which `workerJobs` has. */
export function pointed(config: ExecutorConfig, at: AtPoint): ExecutorConfig {
  return decorated(config, {
    dialect: (dialect) => pointedDialect(dialect, at),
    queue: (queue) => pointedQueue(queue, at),
  });
}

function pointedDialect(dialect: Dialect, at: AtPoint): Dialect {
  return {
    ...plain(dialect),
    insert: around(at, 'insert', (programs, db) => dialect.insert(programs, db)),
    claimRung: aroundClaim(at, (runIds, terms) => dialect.claimRung(runIds, terms)),
    claimDue: aroundClaim(at, (search, terms) => dialect.claimDue(search, terms)),
    transition: around(at, 'record', (changes, db) => dialect.transition(changes, db)),
    inTransaction: withCommitPoints(dialect, {
      before: (stage) => at(`before ${stage}`),
      after: (stage) => at(`after ${stage}`),
    }),
    saveJobData: around(at, 'save', (writes) => dialect.saveJobData(writes)),
  };
}

function around<Args extends unknown[], Result>(
  at: AtPoint,
  stage: (typeof STAGES)[number],
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    at(`before ${stage}`);
    const result = await work(...args);
    at(`after ${stage}`);
    return result;
  };
}

/** A claim that finds nothing was none. */
function aroundClaim<Args extends unknown[], Row>(
  at: AtPoint,
  claim: (...args: Args) => Promise<Row[]>,
): (...args: Args) => Promise<Row[]> {
  return async (...args) => {
    at('before claim');
    const rows = await claim(...args);
    if (rows.length > 0) at('after claim');
    return rows;
  };
}

function pointedQueue(queue: QueueManager, at: AtPoint): QueueManager {
  return {
    distributed: queue.distributed,
    ring: around(at, 'publish', (runIds, note) => queue.ring(runIds, note)),
    subscribe: ({ prefetch, onHint }) =>
      queue.subscribe({ prefetch, onHint: (hint) => onHint(pointedHint(hint, at)) }),
    close: (timeoutMs) => queue.close(timeoutMs),
  };
}

function pointedHint(hint: Hint, at: AtPoint): Hint {
  const ack = (): void => {
    at('before settle');
    hint.ack();
    at('after settle');
  };
  return { runId: hint.runId, note: hint.note, ack, requeue: () => hint.requeue() };
}
