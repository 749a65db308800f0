import { expect } from 'chai';
import { NonRetryableError, RetryableError, type CompletionMessage, type Execute } from '../../index.js';
import { describeContract, gate, job, type Fixture } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { Inbox } from '../support/inbox.js';
import { allEnded, workTogether } from './occupancy.js';

const HOUR_MS = 3_600_000;
const onComplete = { job: 'note' };

/** A library of this job, and of one that notes how programs ended. */
function telling(execute: Execute) {
  const told = new Inbox<CompletionMessage>();
  const note = job('note', ({ programData }) => told.add(programData));
  return { library: { ...job('a', execute), ...note }, told };
}

/** Stays in the first run of each program until it is let go, whatever its signal says, as a worker that hangs does. */
function hanging() {
  const [entered, letGo] = [new Inbox<string>(), gate()];
  const execute: Execute = async ({ runId }) => {
    if (entered.items.includes(runId)) return 'heir';
    entered.add(runId);
    await letGo.opened;
    return 'zombie';
  };
  return { entered, letGo, execute };
}

async function allSettled(t: Fixture): Promise<void> {
  await eventually('all programs have ended', async () => {
    const open = await t.knex(t.table).whereNull('finished_at').whereNull('errored_at').first('id');
    return open === undefined;
  });
}

describeContract('recovery', (t) => {
  it('WP-13: each program ends exactly once, whatever becomes of its workers, and is told of once', async () => {
    const { entered, letGo, execute } = hanging();
    const { library, told } = telling((message, data, context) => {
      const { kind } = message.programData;
      if (kind === 'fail') throw new NonRetryableError('no');
      if (kind === 'retry' && context.attempt < 3)
        throw new RetryableError('again', undefined, { retryAfterMs: 1 });
      return kind === 'hang' ? execute(message, data, context) : kind;
    });
    const kinds = Array.from({ length: 40 }, (_, n) => ['hang', 'succeed', 'fail', 'retry'][n % 4]!);
    const zombie = await t.work(library, { concurrency: 10, leaseMs: HOUR_MS });
    const runIds = await t.executor.createPrograms(
      kinds.map((kind) => ({ jobs: ['a'], programData: { kind }, onComplete })),
    );
    await entered.first(10);
    const leaving = await t.work(library, { concurrency: 2 }, t.createExecutor());
    await t.executor.expireClaims(zombie.id);
    await leaving.stop({ timeoutMs: 0 });
    await workTogether(t, library, 2);
    await allEnded(t, runIds);
    letGo.open();
    await allSettled(t);
    expect(told.items.map(({ runId }) => runId)).to.have.members(runIds);
    const ends = (await t.knex(`${t.table}_attempts`).where({ job: 'a' })).filter(({ outcome }) =>
      ['succeeded', 'failed'].includes(String(outcome)),
    );
    expect(new Set(ends.map(({ program_id }) => String(program_id))).size).to.equal(40);
    expect(ends).to.have.length(40);
  });

  it('WP-35: an end that comes after another worker has taken over, or for a row that is gone, changes nothing', async () => {
    const { entered, letGo, execute } = hanging();
    const { library, told } = telling(execute);
    const zombie = await t.work(library, { concurrency: 2, leaseMs: HOUR_MS });
    const taken = await t.create({ jobs: ['a'], onComplete });
    const gone = await t.create({ jobs: ['a'] });
    await entered.first(2);
    await t.knex(t.table).where({ run_id: gone }).delete();
    expect(await t.executor.expireClaims(zombie.id)).to.equal(1);
    await t.work(library, {}, t.createExecutor());
    const { updatedAt } = await t.ended(taken);
    letGo.open();
    for (const runId of [taken, gone]) await t.event('leaseLost', runId);
    await allSettled(t);
    expect(told.items).to.have.length(1);
    expect(told.items[0]).to.deep.include({ runId: taken, result: { kind: 'success', returnValue: 'heir' } });
    expect(await t.outcomes(taken)).to.deep.equal(['a succeeded']);
    expect((await t.executor.getProgram(taken))!.updatedAt).to.deep.equal(updatedAt);
    expect(await t.executor.getProgram(gone)).to.equal(undefined);
  });

  for (const [losses, ends, result] of [
    [1, 'is taken over, with no attempt counted', { kind: 'success', returnValue: 'heir' }],
    [4, 'fails after the fourth loss in a row', { kind: 'failed', error: 'Lost 4 times in a row' }],
  ] as const)
    it(`WP-36, decided otherwise: what a dead worker ran ${ends}, and its callback is told`, async () => {
      const { entered, letGo, execute } = hanging();
      const { library, told } = telling(execute);
      const dead = await t.work(library, { concurrency: 1, leaseMs: HOUR_MS });
      const runId = await t.create({ jobs: ['a'], onComplete });
      await entered.first(1);
      await t.change(runId, { lost_count: losses - 1 });
      await t.executor.expireClaims(dead.id);
      await t.work(library, {}, t.createExecutor());
      const [message] = await told.first(1);
      letGo.open();
      expect(JSON.stringify(message!.result)).to.include(JSON.stringify(result).slice(0, -2));
      expect((await t.ended(runId)).stepRetryCount).to.equal(0);
    });

  it('WP-37: taking over leaves alone what has ended, what is gone and what waits for its next attempt', async () => {
    const { library } = telling(({ programData }) => {
      if (programData['kind'] === 'retry')
        throw new RetryableError('later', undefined, { retryAfterMs: HOUR_MS });
    });
    const worker = await t.work(library);
    const [done, gone, retried] = await t.executor.createPrograms(
      ['done', 'gone', 'retry'].map((kind) => ({ jobs: ['a'], programData: { kind } })),
    );
    await allEnded(t, [done!, gone!]);
    await t.event('jobRetried', retried);
    await eventually('its claim is over', async () => (await t.row(retried!))['claimed_by'] === null);
    await t.knex(t.table).where({ run_id: gone }).delete();
    const before = await Promise.all([done!, retried!].map((runId) => t.row(runId)));
    expect(await t.executor.expireClaims(worker.id)).to.equal(0);
    expect(await Promise.all([done!, retried!].map((runId) => t.row(runId)))).to.deep.equal(before);
  });
});

describeContract(
  'recovery of what nobody was told of',
  (t) => {
    it('WP-41, decided otherwise: needs no kick, as workers look for themselves', async () => {
      const runIds = await t.executor.createPrograms(Array.from({ length: 5 }, () => ({ jobs: ['a'] })));
      await t.executor.close();
      expect(await t.broker!.channel.purgeQueue(t.queue)).to.include({ messageCount: 5 });
      t.executor = t.createExecutor();
      await t.work(job('a'));
      await allEnded(t, runIds);
    });
  },
  ({ hasBroker }) => hasBroker,
);
