import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import type { ProgramInput } from '../../index.js';
import { describeContract, gate, job, rejection, withoutBroker } from './harness.js';

async function* generated(count: number, make: (n: number) => ProgramInput = () => ({ jobs: ['a'] })) {
  for (let n = 0; n < count; n += 1) yield await Promise.resolve(make(n));
}

describeContract('creating many', (t) => {
  it('runs all of a bulk soon, though only a few of it are rung for', async () => {
    await t.work(job('a'), { concurrency: 50 });
    const startedAtMs = performance.now();
    await t.executor.createPrograms(Array.from({ length: 1_500 }, () => ({ jobs: ['a'] })));
    await t.event('programFinished', undefined, 1_500);
    // A worker that only polled each five seconds would need two and a half minutes.
    expect(performance.now() - startedAtMs).to.be.below(20_000);
  });

  it('runs a bulk on every worker that has free slots', async () => {
    const both = gate();
    const seen = new Set<string>();
    const library = (worker: string) =>
      job('a', async () => {
        seen.add(worker);
        if (seen.size === 2) both.open();
        await both.opened;
      });
    await t.work(library('first'), { concurrency: 5 });
    await t.work(library('second'), { concurrency: 5 }, t.createExecutor());
    await t.executor.createPrograms(Array.from({ length: 200 }, () => ({ jobs: ['a'] })));
    await t.event('programFinished', undefined, 200);
    expect(seen.size).to.equal(2);
  });

  it('starts none of a bulk before its transaction is committed', async () => {
    await t.work(job('a'));
    const trx = await t.knex.transaction();
    await t.executor.createPrograms(
      Array.from({ length: 150 }, () => ({ jobs: ['a'] })),
      { trx },
    );
    expect(t.eventCount('jobStarted')).to.equal(0);
    await trx.commit();
    await t.event('programFinished', undefined, 150);
  });
});

describeContract(
  'creating from a source',
  (t) => {
    it('takes any iterable, and tells how many there were', async () => {
      const ten = new Set(Array.from({ length: 10 }, (_, n) => ({ jobs: ['a'], programData: { n } })));
      expect(await t.executor.createPrograms(ten)).to.deep.equal({ created: 10 });
      expect(await t.executor.createPrograms(generated(2_500))).to.deep.equal({ created: 2_500 });
      expect(await t.executor.createPrograms(generated(0))).to.deep.equal({ created: 0 });
      expect(await t.rowCount()).to.equal(2_510);
    });

    it('reads on only as fast as programs are committed', async () => {
      let read = 0;
      let mostAhead = 0;
      const source = generated(20_000, () => {
        read += 1;
        return { jobs: ['a'] };
      });
      const creating = t.executor.createPrograms(source);
      const watched = { isDone: false };
      void creating.finally(() => (watched.isDone = true));
      while (!watched.isDone) {
        const written = await t.rowCount().catch(() => 0);
        mostAhead = Math.max(mostAhead, read - written);
        // SQLite answers at once: a loop of nothing but questions would be all that this process does.
        await nextTurn();
      }
      expect(await creating).to.deep.equal({ created: 20_000 });
      // What is being collected, what is being written, and what was written during the count.
      expect(mostAhead).to.be.below(8_000);
    });

    it('keeps what came before a program that is wrong, and reads no further', async () => {
      let read = 0;
      const source = generated(50_000, (n) => {
        read += 1;
        return n === 3_500 ? ({ jobs: 1 } as unknown as ProgramInput) : { jobs: ['a'] };
      });
      expect(await rejection(t.executor.createPrograms(source))).to.include({
        code: 'PE_INVALID_PROGRAM',
        field: 'jobs',
      });
      expect(await t.rowCount()).to.equal(3_000);
      expect(read).to.be.below(10_000);
    });

    it('rejects with the error of a source that fails', async () => {
      const failing = (async function* () {
        yield* generated(1_200);
        throw new Error('the file ended early');
      })();
      expect((await rejection(t.executor.createPrograms(failing))).message).to.equal('the file ended early');
      expect(await t.rowCount()).to.equal(1_000);
    });

    it('creates all of a source or none within a transaction', async () => {
      await t.executor.getProgram('none');
      const failing = t.knex.transaction(async (trx) => {
        await t.executor.createPrograms(generated(1_100), { trx });
        throw new Error('rolled back');
      });
      await rejection(failing);
      expect(await t.rowCount()).to.equal(0);
    });

    it('refuses what is no source', async () => {
      for (const wrong of [undefined, null, 'ab', 5, {}])
        expect(await rejection(t.executor.createPrograms(wrong as never)), JSON.stringify(wrong)).to.include({
          code: 'PE_INVALID_PROGRAM',
          field: 'programs',
        });
    });
  },
  withoutBroker,
);
