import { expect } from 'chai';
import { checkWorkerOptions } from '../../src/config/index.js';
import { ProgramWorker, type Worker, type WorkerParts } from '../../src/consumer/worker.js';
import type { HintNote, QueueManager, SubscribeOptions } from '../../src/queue-manager/index.js';
import { Inbox } from '../support/inbox.js';
import { silentLogger } from '../support/silent-logger.js';

let worker: Worker | undefined;

/** A worker on an empty table behind a broker, and what it asks of the two. */
function workerWith(concurrency: number) {
  const polls = new Inbox<'poll'>();
  const settled = new Inbox<'ack' | 'requeue'>();
  let subscribed!: SubscribeOptions;
  const claims = {
    untilDueMs: () => {
      polls.add('poll');
      return Promise.resolve(undefined);
    },
    claimRung: () => Promise.resolve([]),
    expectCreated: () => undefined,
    close: () => undefined,
  };
  const upkeep = {
    pruneWalk: () => undefined,
    beat: () => Promise.resolve(),
    leave: () => Promise.resolve(),
  };
  const queue = {
    distributed: true,
    subscribe: (options: SubscribeOptions) => {
      subscribed = options;
      return { cancel: () => Promise.resolve() };
    },
  };
  worker = new ProgramWorker({
    environment: {
      library: {},
      programs: { openClaims: () => claims, upkeep },
      logger: silentLogger,
      owner: 'me',
    },
    retention: { finishedMs: null, erroredMs: null },
    options: checkWorkerOptions({ concurrency }),
    queue: queue as unknown as QueueManager,
    leases: { close: () => Promise.resolve() },
  } as unknown as WorkerParts);
  const ring = (note?: HintNote) => {
    const settle = { ack: () => settled.add('ack'), requeue: () => settled.add('requeue') };
    subscribed.onHint({ runId: 'x', note, ...settle });
  };
  return { polls, settled, ring, prefetch: subscribed.prefetch };
}

describe('a worker', () => {
  afterEach(() => worker?.stop());

  it('polls at once when a hint says that there is more, and for no other hint', async () => {
    const { polls, settled, ring } = workerWith(10);
    await polls.first(1);
    ring();
    await settled.first(1);
    await new Promise(setImmediate);
    expect(polls.items).to.have.length(1);
    const rungAtMs = performance.now();
    ring('more');
    await polls.first(2);
    // By itself it would sleep for six seconds.
    expect(performance.now() - rungAtMs).to.be.below(3_000);
  });

  const prefetches = { 10: 10, 49: 49, 50: 175, 200: 700 };
  for (const [concurrency, prefetch] of Object.entries(prefetches))
    it(`with ${concurrency} slots takes up to ${prefetch} hints`, () => {
      expect(workerWith(Number(concurrency)).prefetch).to.equal(prefetch);
    });
});
