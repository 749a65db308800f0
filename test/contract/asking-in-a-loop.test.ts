import { expect } from 'chai';
import { describeContract, job, withoutBroker } from './harness.js';

/** A loop that keeps its process from going on is given up, as no timeout could. */
const GIVEN_UP_AFTER_MS = 20_000;
/** Far more than a process needs to come to what waits for its next turn. */
const ENOUGH = 1_000;

describeContract(
  'asking in a loop',
  (t) => {
    it('ends, as programs go on in the process that does nothing but ask for their status', async () => {
      await t.work(job('a'));
      const runId = await t.executor.createProgram({ jobs: ['a', 'a'] });
      const givenUpAtMs = performance.now() + GIVEN_UP_AFTER_MS;
      while ((await t.executor.status(runId))?.state !== 'finished' && performance.now() < givenUpAtMs);
      expect(await t.outcomes(runId)).to.deep.equal(['a succeeded', 'a succeeded']);
    });

    it('lets the process turn, whatever is asked for', async () => {
      const runId = await t.executor.createProgram({ jobs: ['a'] });
      const batch = await t.executor.batches.create({ code: 'b' });
      const { batches, pools } = t.executor;
      const questions: Record<string, () => Promise<unknown>> = {
        getProgram: () => t.executor.getProgram(runId),
        status: () => t.executor.status(runId),
        statusMany: () => t.executor.statusMany([runId]),
        why: () => t.executor.why(runId),
        workers: () => t.executor.workers(),
        interventions: () => t.executor.interventions(runId),
        'batches.get': () => batches.get(batch.id),
        'batches.getByCode': () => batches.getByCode('b'),
        'batches.list': () => batches.list(),
        'batches.stats': () => batches.stats(batch),
        'batches.interruptions': () => batches.interruptions(batch),
        'pools.list': () => pools.list(),
      };
      for (const [name, ask] of Object.entries(questions)) expect(await turnsWhile(ask), name).to.equal(true);
    });
  },
  withoutBroker,
);

/** Whether what waits for the next turn of the event loop has come to its turn by the time it was asked often. */
async function turnsWhile(ask: () => Promise<unknown>): Promise<boolean> {
  const turn = { hasCome: false };
  setImmediate(() => (turn.hasCome = true));
  for (let asked = 0; asked < ENOUGH && !turn.hasCome; asked += 1) await ask();
  return turn.hasCome;
}
