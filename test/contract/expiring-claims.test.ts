import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { decorated } from '../../src/decorators.js';
import { ConfigError } from '../../index.js';
import { describeContract, gate, job, rejection, withoutBroker, type Fixture } from './harness.js';

const FAR_MS = 9_000_000_000_000;
const idOf = (owner: string, uuid: string = randomUUID()): string => `${owner}:${uuid}`;

/** A program as a worker that died left it: claimed, for a long time still. */
async function leftBy(t: Fixture, workerId: string, columns: object = {}): Promise<string> {
  const runId = await t.create({ jobs: ['a'] });
  await t.change(runId, { claimed_by: `${workerId}:1`, claimed_until: FAR_MS, fence: 1, ...columns });
  return runId;
}

async function isExpired(t: Fixture, runId: string): Promise<boolean> {
  return Number((await t.row(runId))['claimed_until']) < FAR_MS;
}

describeContract(
  'expiring the claims of a dead worker',
  (t) => {
    it('ends its leases, leaves the claimer in, and says how many there were', async () => {
      const workerId = idOf('host:1');
      const runIds = [await leftBy(t, workerId), await leftBy(t, workerId)];
      expect(await t.executor.expireClaims(workerId)).to.equal(2);
      for (const runId of runIds) {
        expect(await isExpired(t, runId)).to.equal(true);
        expect(await t.row(runId)).to.include({ claimed_by: `${workerId}:1`, fence: 1, lost_count: 0 });
      }
      expect(await t.executor.expireClaims(workerId)).to.equal(0);
    });

    it('leaves the claims of workers alone whose id looks like it', async () => {
      const uuid = randomUUID();
      const dead = idOf('my_host:1', uuid);
      const others = [
        ['another worker of the same process', idOf('my_host:1')],
        ['a longer pid', idOf('my_host:12', uuid)],
        ['a longer host name', idOf('not_my_host:1', uuid)],
        ['an underscore that fits any letter', idOf('my-host:1', uuid)],
        ['a UUID that goes on', `${dead}0`],
      ] as const;
      const theirs = await Promise.all(
        others.map(async ([what, id]) => [what, await leftBy(t, id)] as const),
      );
      const mine = await leftBy(t, dead);
      expect(await t.executor.expireClaims(dead)).to.equal(1);
      expect(await isExpired(t, mine)).to.equal(true);
      for (const [what, runId] of theirs) expect(await isExpired(t, runId), what).to.equal(false);
    });

    it('lets others take over at once what a dead worker ran from a pool, and gives its slots back', async () => {
      const entered = gate<string>();
      const library = job('a', async ({ runId }, _data, { attempt, fence }) => {
        if (fence > 1) return;
        expect(attempt).to.equal(1);
        entered.open(String((await t.row(runId))['claimed_by']));
        await new Promise(() => undefined);
      });
      await t.executor.pools.set('mail', { maxParallelism: 1 });
      const dead = await t.work(library, { leaseMs: 3_600_000 });
      const [runId, waiting] = [
        await t.create({ jobs: ['a'], pool: 'mail' }),
        await t.create({ jobs: [], pool: 'mail' }),
      ];
      await entered.opened;
      await t.work(library, {}, t.createExecutor());
      expect(await t.executor.expireClaims(dead.id)).to.equal(1);
      await Promise.all([t.ended(runId), t.ended(waiting)]);
      expect(await t.outcomes(runId)).to.deep.equal(['a succeeded']);
      // One more than without a pool: whoever finds the slot fences its run off.
      expect(await t.row(runId)).to.include({ fence: 3 });
      expect(await t.knex(`${t.table}_slots`)).to.deep.equal([]);
    });

    it('lets others take over at once what a dead worker has only just claimed from a batch', async () => {
      const entered = gate<string>();
      const library = job('a', async ({ runId }, _data, { fence }) => {
        if (fence > 1) return;
        entered.open(runId);
        await new Promise(() => undefined);
      });
      const dead = await t.work(library, { leaseMs: 3_600_000 });
      const batch = await t.executor.batches.create({ code: 'batch' });
      await t.executor.batches.addPrograms(batch, [{ jobs: ['a'] }]);
      const runId = await entered.opened;
      await t.work(library, {}, t.createExecutor());
      expect(await t.executor.expireClaims(dead.id)).to.equal(1);
      await t.ended(runId);
      expect(await t.row(runId)).to.include({ fence: 3 });
    });

    it('takes an exclamation mark and a percent sign of a host name for what they are', async () => {
      const uuid = randomUUID();
      const mine = await leftBy(t, idOf('100%!:1', uuid));
      const other = await leftBy(t, idOf('100 hosts!:1', uuid));
      expect(await t.executor.expireClaims(idOf('100%!:1', uuid))).to.equal(1);
      expect(await isExpired(t, mine)).to.equal(true);
      expect(await isExpired(t, other)).to.equal(false);
    });

    it('WP-37: leaves what has ended, even with a claim left in, as it is', async () => {
      const workerId = idOf('host:1');
      const runId = await leftBy(t, workerId, { errored_at: new Date() });
      expect(await t.executor.expireClaims(workerId)).to.equal(0);
      expect(await isExpired(t, runId)).to.equal(false);
    });

    it('finds more programs than one statement takes', async () => {
      const workerId = idOf('host:1');
      await t.executor.createPrograms(Array.from({ length: 1_203 }, () => ({ jobs: ['a'] })));
      await t.knex(t.table).update({ claimed_by: `${workerId}:1`, claimed_until: FAR_MS });
      expect(await t.executor.expireClaims(workerId)).to.equal(1_203);
      const left = await t.knex(t.table).where('claimed_until', FAR_MS).count({ rows: '*' });
      expect(Number(left[0]?.['rows'])).to.equal(0);
    });

    for (const [what, id] of [
      ['a host', 'host'],
      ['a host and a pid', 'host:1'],
      ['the claim itself', `${idOf('host:1')}:1`],
      ['nothing', ''],
      ['no text', undefined],
    ] as const)
      it(`is refused for ${what}, which is no worker's id`, async () => {
        const error = await rejection(t.executor.expireClaims(id as string));
        expect(error).to.be.instanceOf(ConfigError);
        expect(error.message).to.equal('workerId: expected the id of a Worker');
      });

    it('lets another worker go on long before the lease would end, and counts the loss', async () => {
      const runId = await leftBy(t, idOf('host:1'), { lost_count: 1 });
      const [, workerId] = /^(.*):1$/.exec(String((await t.row(runId))['claimed_by'])) ?? [];
      let taken: unknown;
      await t.work(job('a', async (message) => void (taken = await t.row(message.runId))));
      expect(t.eventCount('jobStarted')).to.equal(0);
      await t.executor.expireClaims(workerId!);
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
      expect(taken).to.include({ lost_count: 2, fence: 2 });
    });

    it('fails a program at once that has been lost too often', async () => {
      const workerId = idOf('host:1');
      const runId = await leftBy(t, workerId, { lost_count: 3 });
      await t.work(job('a'));
      await t.executor.expireClaims(workerId);
      expect((await t.ended(runId)).errorMessage).to.match(/^Lost 4 times in a row/);
      expect(t.eventCount('jobStarted')).to.equal(0);
    });

    it('WP-35: refuses what a worker writes that was not dead, once another has claimed', async () => {
      const [entered, go] = [gate(), gate()];
      const hold = (name: 'first' | 'second') =>
        job(name, async (_message, _data, { fence }) => {
          if (fence > 1) return;
          entered.open();
          await go.opened;
        });
      const library = { ...hold('first'), ...job('second') };
      // One slot, so that it cannot take its own program over.
      const alive = await t.work(library, { concurrency: 1, leaseMs: 60_000 });
      const runId = await t.create({ jobs: ['first', 'second'] });
      await entered.opened;
      expect(await t.executor.expireClaims(alive.id)).to.equal(1);
      await t.work(library, { concurrency: 1, leaseMs: 60_000 }, t.createExecutor());
      await t.ended(runId);
      go.open();
      expect(await t.event('leaseLost', runId)).to.include({ reason: 'lost', step: 0 });
      expect(await t.outcomes(runId)).to.deep.equal(['first succeeded', 'second succeeded']);
      expect(await t.row(runId)).to.include({ fence: 2, lost_count: 0, claimed_by: null });
    });

    it('can be told of a worker before that has claimed anything', async () => {
      const order: string[] = [];
      const executor = t.createExecutor(
        decorated(
          {},
          {
            dialect: (dialect) => {
              for (const name of ['claimDue', 'claimRung'] as const) {
                const claim = dialect[name].bind(dialect) as (...args: unknown[]) => Promise<never>;
                dialect[name] = (...args: unknown[]) => {
                  order.push('claimed');
                  return claim(...args);
                };
              }
              return dialect;
            },
          },
        ),
      );
      const runId = await executor.createProgram({ jobs: ['a'] });
      const worker = await t.work(job('a'), {}, executor);
      order.push(worker.id);
      await t.ended(runId);
      expect(order.slice(0, 2)).to.deep.equal([worker.id, 'claimed']);
    });

    it('finds the claims that a worker makes under its id', async () => {
      const entered = gate<string>();
      const library = job('a', async ({ runId }) => entered.open(String((await t.row(runId))['claimed_by'])));
      const [worker, other] = [await t.work(library), await t.work(library)];
      await t.create({ jobs: ['a'] });
      expect(worker.id)
        .to.match(new RegExp(`:${process.pid}:[0-9a-f-]{36}$`))
        .and.not.equal(other.id);
      expect((await entered.opened).replace(/:\d+$/, '')).to.be.oneOf([worker.id, other.id]);
    });
  },
  withoutBroker,
);

describeContract(
  'expiring the claims of a dead worker',
  (t) => {
    it('rings for its programs, so that no worker sleeps on', async () => {
      const workerId = idOf('host:1');
      const runId = await leftBy(t, workerId);
      await t.executor.close();
      await t.broker!.channel.purgeQueue(t.queue);
      const executor = t.createExecutor();
      await executor.expireClaims(workerId);
      await executor.close();
      const message = await t.broker!.channel.get(t.queue, { noAck: true });
      expect(message && JSON.parse(message.content.toString())).to.include({ runId });
      expect(await t.broker!.messageCount(t.queue)).to.equal(0);
    });
  },
  ({ hasBroker }) => hasBroker,
);
