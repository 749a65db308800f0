import { expect } from 'chai';
import { RetryableError } from '../../index.js';
import { drain } from '../../testing.js';
import { Fixture, job } from './harness.js';
import { variants } from './variants.js';

for (const variant of variants())
  describe(`draining: ${variant.name}`, () => {
    const fixture = new Fixture(variant);
    before(() => fixture.connect());
    beforeEach(() => fixture.open());
    afterEach(() => fixture.close());
    after(() => fixture.disconnect());

    it('runs what is due until nothing is, and leaves what is due later', async () => {
      await fixture.create({ jobs: ['parent'] });
      await fixture.create({ jobs: ['child'] }, { runAfter: 3_600_000 });
      const library = {
        ...job('parent', (_message, _data, { createProgram }) => createProgram({ jobs: ['child'] })),
        ...job('child'),
      };
      expect(await drain(fixture.executor, library)).to.deep.equal({ finished: 2, errored: 0, waiting: 0 });
    });

    it('runs retries and scheduled programs at once, in the order of their time', async () => {
      const ran: string[] = [];
      const library = {
        ...job('flaky', (_message, _data, { attempt }) => {
          ran.push(`flaky ${attempt}`);
          if (attempt < 3) throw new RetryableError('no', 503, { retryAfterMs: 3_600_000 });
        }),
        ...job('last', () => void ran.push('last')),
      };
      await fixture.create({ jobs: ['last'] }, { runAfter: 9_000_000 });
      await fixture.create({ jobs: ['flaky'] });
      const counts = await drain(fixture.executor, library, { withScheduled: true });
      expect(counts).to.deep.equal({ finished: 2, errored: 0, waiting: 0 });
      expect(ran).to.deep.equal(['flaky 1', 'flaky 2', 'flaky 3', 'last']);
    });

    it('does so with what waits in lines, in the order of the time of all', async () => {
      const ran: string[] = [];
      const library = {
        ...job('flaky', (_message, _data, { attempt }) => {
          ran.push(`flaky ${attempt}`);
          if (attempt < 3) throw new RetryableError('no', 503, { retryAfterMs: 3_600_000 });
        }),
        ...job('lined', () => void ran.push('lined')),
        ...job('last', () => void ran.push('last')),
      };
      await fixture.create({ jobs: ['last'] }, { runAfter: 9_000_000 });
      await fixture.create({ jobs: ['lined'], pool: 'few' }, { runAfter: 5_400_000 });
      await fixture.create({ jobs: ['flaky'], priority: 1 });
      const counts = await drain(fixture.executor, library, { withScheduled: true });
      expect(counts).to.deep.equal({ finished: 3, errored: 0, waiting: 0 });
      expect(ran).to.deep.equal(['flaky 1', 'flaky 2', 'lined', 'flaky 3', 'last']);
    });

    it('waits for no hold and no rate of a pool or a key, and leaves what is paused', async () => {
      const { pools } = fixture.executor;
      const told = new Set<string>();
      const library = {
        ...job('limited', ({ runId }, _data, { rateLimited }) => {
          const isFirst = !told.has(runId);
          told.add(runId);
          if (isFirst) rateLimited(3_600_000);
        }),
        ...job('a'),
      };
      const rateLimit = { requests: 1, windowMs: 3_600_000 };
      await pools.set('rated', { rateLimit });
      await pools.set('keyed', { perKey: { rateLimit } });
      await pools.set('paused', {});
      await pools.pause('paused');
      for (const pool of ['rated', 'keyed', 'paused'])
        for (let nth = 0; nth < 3; nth += 1) await fixture.create({ jobs: ['a'], pool, concurrencyKey: 'k' });
      await fixture.create({ jobs: ['limited'], pool: 'held' });
      await fixture.create({ jobs: ['limited'], pool: 'keyed', concurrencyKey: 'held' });
      const counts = await drain(fixture.executor, library, { withScheduled: true });
      expect(counts).to.deep.equal({ finished: 8, errored: 0, waiting: 0 });
      expect(await pools.get('paused')).to.include({ waiting: 3, running: 0 });
    });

    it('leaves nothing of a batch that would be looked at later', async () => {
      const { batches } = fixture.executor;
      const batch = await batches.create({ code: 'batch' });
      await batches.addPrograms(batch, [{ jobs: ['a'] }, { jobs: ['a'] }]);
      const counts = await drain(fixture.executor, job('a'));
      expect(counts).to.deep.equal({ finished: 2, errored: 0, waiting: 0 });
      expect(await fixture.knex(`${fixture.table}_recent_claims`)).to.deep.equal([]);
    });

    it('waits for the worker of the executor', async () => {
      const library = {
        ...job('parent', async (_message, _data, { createProgram }) => {
          await createProgram({ jobs: ['child'] }, { runId: `child of ${fixture.table}` });
        }),
        ...job('child'),
      };
      await fixture.work(library);
      await fixture.create({ jobs: ['parent'] });
      await drain(fixture.executor);
      const child = await fixture.executor.getProgram(`child of ${fixture.table}`);
      expect(child?.finishedAt).to.be.instanceOf(Date);
    });
  });
