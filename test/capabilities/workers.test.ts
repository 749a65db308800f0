import { expect } from 'chai';
import type { WorkerView } from '../../index.js';
import { Heartbeat, type HeartbeatParts } from '../../src/consumer/upkeep/heartbeat.js';
import { partsOf } from '../../src/executor-parts.js';
import { packageVersion } from '../../src/package-version.js';
import { describeContract, job, withoutBroker, type Fixture } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';

const TWO_MINUTES_MS = 120_000;
const DAY_MS = 86_400_000;

/** The registry's row of a worker, once there is one that fits. */
function seen(t: Fixture, id: string, fits: (worker: WorkerView) => boolean = () => true) {
  return eventually(`worker ${id} is in the registry`, async () =>
    (await t.executor.workers()).find((worker) => worker.id === id && fits(worker)),
  );
}

/** Moves the time at which a worker was last seen into the past. */
async function unseenFor(t: Fixture, id: string, ms: number): Promise<void> {
  const seenAt = t.knex.raw('seen_at - ?', [ms]);
  await t.knex(`${t.table}_workers`).where({ id }).update({ seen_at: seenAt });
}

/** A heartbeat in this very process, many times as fast. */
function heartbeatOf(t: Fixture, id: string, changes: Partial<HeartbeatParts> = {}): Heartbeat {
  const worker = { id, host: 'here', pid: 1, version: '1.0.0', jobs: ['a'], slots: 3, batch: null };
  const { upkeep } = partsOf(t.executor)!.programs;
  return new Heartbeat({ worker, upkeep, logger: t.log, running: () => 0, ...changes }, 20);
}

describeContract('the registry of workers (WP-45, WP-53)', (t) => {
  it('shows a worker with its host, process, version, jobs and slots', async () => {
    const worker = await t.work({ ...job('a'), ...job('b') }, { concurrency: 7 });
    const row = await seen(t, worker.id);
    expect(row).to.include({
      pid: process.pid,
      version: packageVersion(),
      slots: 7,
      running: 0,
      isAlive: true,
    });
    expect(worker.id).to.match(new RegExp(`^${row.host}:${row.pid}:`));
    expect(row.jobs).to.deep.equal(['a', 'b']);
    expect(row.seenAt.getTime()).to.be.at.least(row.startedAt.getTime());
    expect(row.eventLoopLagMs).to.be.at.least(0);
  });

  it('has no row of a worker that has stopped', async () => {
    const worker = await t.work(job('a'));
    await seen(t, worker.id);
    await worker.stop();
    expect(await t.executor.workers()).to.deep.equal([]);
  });
});

describeContract(
  'heartbeats of workers (WP-45, WP-53)',
  (t) => {
    beforeEach(() => t.executor.migrate());

    it('tell how many programs run, and go on', async () => {
      const heartbeat = heartbeatOf(t, 'w', { running: () => 2 });
      const first = await seen(t, 'w');
      expect(first.running).to.equal(2);
      const later = await seen(t, 'w', ({ seenAt }) => seenAt > first.seenAt);
      expect(later.startedAt).to.deep.equal(first.startedAt);
      await heartbeat.stop();
      expect(await t.executor.workers()).to.deep.equal([]);
    });

    it('put a row back that somebody has removed', async () => {
      const heartbeat = heartbeatOf(t, 'w');
      await seen(t, 'w');
      await t.knex(`${t.table}_workers`).delete();
      await seen(t, 'w');
      await heartbeat.stop();
    });

    it('outlive a table that is away, with one line for all of that time', async () => {
      const heartbeat = heartbeatOf(t, 'w');
      await seen(t, 'w');
      await t.knex.schema.renameTable(`${t.table}_workers`, `${t.table}_away`);
      await eventually('it fails', async () => t.log.count('heartbeat-failed') > 0);
      await t.knex.schema.renameTable(`${t.table}_away`, `${t.table}_workers`);
      await t.knex(`${t.table}_workers`).delete();
      await seen(t, 'w');
      expect(t.log.count('heartbeat-failed')).to.equal(1);
      await heartbeat.stop();
    });

    it('make a worker alive that was seen within three of them, and dead after that', async () => {
      const worker = await t.work(job('a'));
      await seen(t, worker.id);
      await unseenFor(t, worker.id, TWO_MINUTES_MS - 30_000);
      expect((await t.executor.workers())[0]).to.include({ id: worker.id, isAlive: true });
      await unseenFor(t, worker.id, 31_000);
      expect((await t.executor.workers())[0]).to.include({ id: worker.id, isAlive: false });
    });

    it('of long ago are forgotten', async () => {
      const { upkeep } = partsOf(t.executor)!.programs;
      for (const id of ['old', 'new']) {
        const worker = { id, host: 'h', pid: 1, version: '1', jobs: [], slots: 1, batch: null };
        await upkeep.beat(worker, { running: 0, eventLoopLagMs: 0 });
      }
      await unseenFor(t, 'old', DAY_MS + 1_000);
      await unseenFor(t, 'new', DAY_MS - 60_000);
      await upkeep.forgetDeadWorkers();
      expect((await t.executor.workers()).map(({ id }) => id)).to.deep.equal(['new']);
    });
  },
  withoutBroker,
);
