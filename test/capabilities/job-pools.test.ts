import { expect } from 'chai';
import { describeContract, job } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { poolNamed } from './occupancy.js';

const HOUR_MS = 3_600_000;

describeContract('pools of jobs', (t) => {
  const library = {
    ...job('api', () => undefined, { pool: 'api' }),
    ...job('again', () => undefined, { pool: 'api' }),
    ...job('ok'),
  };

  const isPaused = async (runId: string): Promise<boolean> =>
    (await t.executor.why(runId)).code === 'poolPaused';

  for (const pool of [undefined, 'own'])
    describe(pool ? 'of a program that has a pool itself' : 'of a program that has none', () => {
      const program = (jobs: string[]) => ({ jobs, ...(pool ? { pool } : {}) });

      it('a program that is given back after its job does not wait for its pool again', async () => {
        await t.executor.pools.set('api', { rateLimit: { requests: 1, windowMs: HOUR_MS } });
        await t.work(library, { timeSliceMs: 0 });
        const { finishedAt } = await t.run(program(['api', 'ok']));
        expect(finishedAt).to.be.a('date');
        expect(await poolNamed(t, 'api')).to.include({ running: 0, waiting: 0, tokens: 0 });
      });

      it('one whose next job needs it, too, waits for it again', async () => {
        await t.executor.pools.set('api', { rateLimit: { requests: 2, windowMs: HOUR_MS } });
        await t.work(library, { timeSliceMs: 0 });
        const { finishedAt } = await t.run(program(['api', 'again', 'ok']));
        expect(finishedAt).to.be.a('date');
        expect(await poolNamed(t, 'api')).to.include({ running: 0, waiting: 0, tokens: 0 });
      });

      it('a program whose job is skipped because its pool is paused goes on at once', async () => {
        await t.executor.pools.pause('api');
        await t.work(library);
        const runId = await t.create(program(['api', 'ok']));
        await eventually('it waits for the pool', () => isPaused(runId));
        await t.executor.skipStep(runId);
        expect((await t.ended(runId)).finishedAt).to.be.a('date');
        expect(await t.outcomes(runId)).to.deep.equal(['api skipped', 'ok succeeded']);
      });

      it('a program that is retried from a job without it runs that at once', async () => {
        await t.executor.pools.pause('api');
        await t.work(library);
        const runId = await t.create(program(['ok', 'api']));
        await eventually('it waits for the pool', () => isPaused(runId));
        await t.executor.retry(runId, { fromStep: 0 });
        await eventually('it waits for the pool again', async () => {
          const outcomes = await t.outcomes(runId);
          return outcomes.length === 2 && (await isPaused(runId));
        });
        expect(await t.outcomes(runId)).to.deep.equal(['ok succeeded', 'ok succeeded']);
        await t.executor.pools.resume('api');
        expect((await t.ended(runId)).finishedAt).to.be.a('date');
      });
    });
});
