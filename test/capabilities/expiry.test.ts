import { expect } from 'chai';
import { ExecutionTimeExceededError, RetryableError } from '../../index.js';
import { describeContract, job } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { poolNamed } from './occupancy.js';

describeContract('programs that expire', (t) => {
  it('end errored, and are not started, when their turn comes too late', async () => {
    let isStarted = false;
    const runIds = [
      await t.create({ jobs: ['a'], expiresAt: new Date(1) }),
      await t.create({ jobs: ['a'], pool: 'mail', expiresAt: Date.now() - 1_000 }),
    ];
    await t.work(job('a', () => void (isStarted = true)));
    for (const runId of runIds) {
      const program = await t.ended(runId);
      expect(program.finishedAt).to.equal(null);
      expect(program.errorMessage).to.equal('Expired: it was not to be started after its expiresAt');
      expect((await t.event('programError', runId)).error).to.include({ code: 'PE_EXPIRED' });
    }
    expect(isStarted).to.equal(false);
    expect(await poolNamed(t, 'mail')).to.include({ running: 0, waiting: 0 });
  });

  it('are started in time like any other', async () => {
    await t.work(job('a'));
    const { finishedAt } = await t.run({ jobs: ['a'], expiresAt: Date.now() + 3_600_000 });
    expect(finishedAt).to.be.a('date');
  });

  it('go on once they were started, however late it has become', async () => {
    const tries: Record<string, number> = {};
    const library = {
      ...job('retries', () => {
        if (countOf('retries') === 1)
          throw new RetryableError('later', undefined, { retryAfterMs: 3_600_000 });
      }),
      ...job('yields', () => {
        if (countOf('yields') === 1) throw new ExecutionTimeExceededError(1);
      }),
      ...job('second'),
    };
    const countOf = (name: string): number => (tries[name] = (tries[name] ?? 0) + 1);
    const expiresAt = Date.now() + 60_000;
    const runIds = [
      await t.create({ jobs: ['retries', 'second'], expiresAt }),
      await t.create({ jobs: ['yields', 'second'], pool: 'mail', expiresAt }),
    ];
    // Given back after each job, so that each is claimed anew.
    const first = await t.work(library, { timeSliceMs: 0 });
    await eventually('both were tried', async () => {
      const attempts = await Promise.all(runIds.map((runId) => t.attempts(runId)));
      return attempts.every(({ length }) => length > 0);
    });
    await first.stop();
    for (const runId of runIds) {
      const { options } = await t.row(runId);
      await t.change(runId, { options: JSON.stringify({ ...JSON.parse(options), expiresAt: 1 }) });
    }
    await t.executor.pools.resume('mail');
    const lines = await t.knex(`${t.table}_lines`).select('id');
    await t.knex(t.table).whereNotNull('ready_at').update({ ready_at: 1 });
    await t
      .knex(`${t.table}_lines`)
      .whereIn(
        'id',
        lines.map(({ id }) => id),
      )
      .update({ turn_at: 1 });
    await t.work(library, { timeSliceMs: 0 });
    for (const runId of runIds) expect((await t.ended(runId)).finishedAt).to.be.a('date');
  });
});
