import { expect } from 'chai';
import { RetryableError, type WorkerReport } from '../../index.js';
import { StepCounts } from '../../src/consumer/step-counts.js';
import { MinuteReport } from '../../src/consumer/upkeep/minute-report.js';
import { partsOf } from '../../src/executor-parts.js';
import { safeEmit } from '../../src/telemetry/events.js';
import { aborted, describeContract, gate, job, withoutBroker, type Fixture } from '../contract/harness.js';
import { Inbox } from '../support/inbox.js';
import { eventually } from '../support/eventually.js';

/** The reports of an executor, and the reporting of a worker of this id whose minutes last 20 ms. */
function reportsOf(t: Fixture, workerId: string, counts = new StepCounts()) {
  const reports = new Inbox<WorkerReport>();
  t.executor.on('report', (report) => reports.add(report));
  const emit = safeEmit(t.executor, () => undefined);
  const { upkeep } = partsOf(t.executor)!.programs;
  const parts = { workerId, counts, upkeep, logger: t.log, emit, running: () => 0 };
  return { reports, counts, reporting: new MinuteReport(parts, 20) };
}

describeContract('reports of a worker (WP-43, WP-50)', (t) => {
  it('count what its programs came to, with their rates, once', async () => {
    const started = gate();
    const library = {
      ...job('good'),
      ...job('bad', () => {
        throw new Error('bad');
      }),
      ...job(
        'again',
        (_message, _data, { attempt }) => {
          if (attempt === 1) throw new RetryableError('not yet');
        },
        { retry: { initialBackoffMs: 1 } },
      ),
      ...job('wait', async (_message, _data, { signal }) => {
        started.open();
        await aborted(signal);
      }),
    };
    const reports = new Inbox<WorkerReport>();
    t.executor.on('report', (report) => reports.add(report));
    const worker = await t.work(library, { leaseMs: 2_000 });
    await t.run({ jobs: ['good', 'good'] });
    await t.run({ jobs: ['bad'] });
    await t.run({ jobs: ['again'] });
    const cancelled = await t.create({ jobs: ['wait'] });
    await started.opened;
    await t.executor.cancelProgram(cancelled);
    await t.event('leaseLost', cancelled);
    await worker.stop();
    const counts = { completed: 6, succeeded: 3, failed: 1, retries: 1, cancelled: 1 };
    expect(reports.items).to.have.length(1);
    expect(reports.items[0]).to.deep.equal({
      workerId: worker.id,
      ...counts,
      failureRate: 2 / 6,
      permanentFailureRate: 1 / 5,
      running: 0,
    });
    const lines = t.log.items.filter(({ action }) => action === 'report');
    expect(lines).to.have.length(1);
    expect(lines[0]).to.deep.include({
      level: 'info',
      data: {
        worker: worker.id,
        ...counts,
        failure_rate: 2 / 6,
        permanent_failure_rate: 1 / 5,
        running: 0,
      },
    });
  });

  it('stand beside a line for each start, completion and retry, with its job, attempt and time (WP-42)', async () => {
    const fail = (_message: unknown, _data: unknown, { attempt }: { attempt: number }) => {
      if (attempt === 1) throw new RetryableError('not yet');
    };
    await t.work(job('again', fail, { retry: { initialBackoffMs: 1, jitter: 0 } }));
    const runId = await t.create({ jobs: ['again'] });
    await t.ended(runId);
    const executor = { current_job: 'again', jobs: ['again'], run_id: runId };
    const started = t.log.items.filter(({ action }) => action === 'executing-job');
    expect(started.map(({ data }) => data)).to.deep.equal([{ executor }, { executor }]);
    expect((await t.log.line('Consumer error retry')).data).to.include({ attempt: 1, delay_ms: 1 });
    const { data } = await t.log.line('job-finished');
    expect(data).to.deep.include({ executor, attempt: 2 }).and.have.property('duration_ms');
    expect(await t.event('jobStarted', runId, 2)).to.include({ job: 'again', attempt: 2 });
  });

  it('are not made by a worker that had nothing to do', async () => {
    const worker = await t.work(job('a'));
    await worker.stop();
    expect(t.log.count('report')).to.equal(0);
  });
});

describeContract(
  'minutes of a worker (WP-43, WP-50)',
  (t) => {
    let reporting: MinuteReport;
    beforeEach(() => t.executor.migrate());
    afterEach(() => reporting.stop());

    it('begin their counts anew', async () => {
      const made = reportsOf(t, 'me');
      reporting = made.reporting;
      for (const expected of [2, 1]) {
        for (let times = 0; times < expected; times += 1) made.counts.recorded({ kind: 'finish' });
        await made.reports.first(expected === 2 ? 1 : 2);
      }
      expect(made.reports.items.map(({ completed }) => completed)).to.deep.equal([2, 1]);
      expect(made.reports.items[0]).to.include({ backlog: 0, oldestAgeMs: 0 });
    });

    it('tell what waits, for how long, also when nothing runs; not what runs, is delayed, or has ended', async () => {
      const runIds = await t.executor.createPrograms(Array(5).fill({ jobs: ['a'] }));
      const past = t.knex.raw('due_at - 5000');
      await t.change(runIds[0]!, { due_at: past });
      await t.change(runIds[1]!, { claimed_by: 'w:1', claimed_until: 9_000_000_000_000 });
      await t.change(runIds[2]!, { due_at: 9_000_000_000_000 });
      await t.change(runIds[3]!, { errored_at: t.knex.fn.now() });
      const made = reportsOf(t, 'me');
      reporting = made.reporting;
      const [report] = await made.reports.first(1);
      expect(report).to.include({ completed: 0, backlog: 2 });
      expect(report?.oldestAgeMs).to.be.at.least(5_000);
      expect(t.log.count('report')).to.be.at.least(1);
      await t.knex(t.table).update({ errored_at: t.knex.fn.now() });
      await eventually('nothing is said any more', async () => {
        const said = made.reports.items.length;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return made.reports.items.length === said;
      });
    });

    it('tell of what waits in lines too, but not of what runs from them or is to start later', async () => {
      await t.executor.pools.set('mail', { maxParallelism: 0 });
      const pool = { jobs: ['a'], pool: 'mail' };
      const [old, running] = await t.executor.createPrograms([
        pool,
        pool,
        { ...pool, concurrencyKey: 'k' },
        { jobs: ['a'] },
      ]);
      await t.executor.createProgram(pool, { runAfter: 600_000 });
      await t.change(old!, { ready_at: t.knex.raw('ready_at - 5000') });
      await t.change(running!, { claimed_by: 'w:1', claimed_until: 9_000_000_000_000 });
      const backlog = await partsOf(t.executor)!.programs.upkeep.backlog('me');
      expect(backlog).to.include({ programs: 3 });
      expect(backlog?.oldestAgeMs).to.be.at.least(5_000);
      reporting = reportsOf(t, 'me').reporting;
    });

    it('tell the backlog by one worker only: the first of those that are alive', async () => {
      const { upkeep } = partsOf(t.executor)!.programs;
      for (const id of ['a', 'b'])
        await upkeep.beat(
          { id, host: 'h', pid: 1, version: '1', jobs: [], slots: 1, batch: null },
          { running: 0, eventLoopLagMs: 0 },
        );
      await t.create({ jobs: ['a'] });
      expect(await upkeep.backlog('b')).to.equal(undefined);
      expect(await upkeep.backlog('a')).to.include({ programs: 1 });
      await t.knex(`${t.table}_workers`).where({ id: 'a' }).delete();
      expect(await upkeep.backlog('b')).to.include({ programs: 1 });
      const made = reportsOf(t, 'c');
      reporting = made.reporting;
      made.counts.recorded({ kind: 'finish' });
      const [report] = await made.reports.first(1);
      expect(report).to.include({ completed: 1 }).and.not.have.any.keys('backlog', 'oldestAgeMs');
    });

    it('count 10,000 waiting programs at most', async () => {
      await t.executor.createPrograms(Array(10_020).fill({ jobs: ['a'] }));
      const { upkeep } = partsOf(t.executor)!.programs;
      expect(await upkeep.backlog('me')).to.include({ programs: 10_000 });
      const made = reportsOf(t, 'me');
      reporting = made.reporting;
    }).timeout(60_000);
  },
  withoutBroker,
);
