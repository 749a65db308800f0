import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inbox } from '../support/inbox.js';
import { describeContract, job, withoutBroker } from './harness.js';

/** Of programs, each of which is rung for; a worker has as many hints in hand as it may. */
const BACKLOG = 5_000;

describeContract(
  'a backlog of programs that were rung for one by one',
  (t) => {
    it('keeps nothing waiting that nobody rings for: what comes back, and what waits in a pool', async () => {
      const started = new Inbox<string>();
      const library = job('a', async ({ runId }) => {
        started.add(runId);
        await sleep(40);
      });
      const inPool = { jobs: ['a'], pool: 'mail' };
      // So that the worker knows of lines: their hints come last.
      await t.create(inPool);
      const back = await t.create({ jobs: ['a'] }, { runAfter: 3_600_000 });
      for (let created = 0; created < BACKLOG; created += 100)
        await t.executor.createPrograms(Array.from({ length: 100 }, () => ({ jobs: ['a'] })));
      await t.work(library, { concurrency: 50 });
      await started.first(300);
      await t.change(back, { due_at: 1 });
      const pooled = await t.create(inPool);
      for (const runId of [back, pooled]) await started.first(1, (each) => each === runId);
      expect(started.items.length).to.be.below(BACKLOG * 0.75);
    });
  },
  (variant) => !withoutBroker(variant) && variant.dialect !== 'portable',
);
