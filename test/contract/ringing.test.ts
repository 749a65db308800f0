import { expect } from 'chai';
import { describeContract, type Fixture, withoutBroker } from './harness.js';

const programs = (count: number) => Array.from({ length: count }, () => ({ jobs: ['a'] }));

/** What a new program's fence says of who is to find it: 0, its hint; 1, the poll, at once. */
const fences = async (t: Fixture): Promise<number[]> => {
  const values = (await t.knex(t.table).distinct('fence').pluck('fence')) as unknown[];
  return values.map(Number);
};

/** What the queue holds once everything is rung for. */
async function messages(t: Fixture): Promise<{ runId: string; note?: string }[]> {
  await t.executor.close();
  const { channel } = t.broker!;
  const contents = [];
  for (;;) {
    const message = await channel.get(t.queue, { noAck: true });
    if (!message) return contents;
    contents.push(JSON.parse(message.content.toString()) as { runId: string; note?: string });
  }
}

describeContract(
  'who is to find a new program',
  (t) => {
    it('its hint, up to a hundred at once', async () => {
      await t.executor.createPrograms(programs(100));
      expect(await fences(t)).to.deep.equal([0]);
    });

    it('the poll, from a hundred and one at once', async () => {
      await t.executor.createPrograms(programs(101));
      expect(await fences(t)).to.deep.equal([1]);
    });

    it('the poll, when it is to start later', async () => {
      await t.create({ jobs: ['a'] }, { runAfter: 60_000 });
      expect(await fences(t)).to.deep.equal([1]);
    });
  },
  withoutBroker,
);

describeContract(
  'ringing',
  (t) => {
    it('is for each of a hundred programs, and says nothing more', async () => {
      const runIds = await t.executor.createPrograms(programs(100));
      const hints = await messages(t);
      expect(hints.map(({ runId }) => runId)).to.have.members(runIds);
      expect(hints.some(({ note }) => note)).to.equal(false);
    });

    const rungFor = { 101: 34, 150: 38, 1_000: 33, 10_000: 50 };
    for (const [created, rung] of Object.entries(rungFor))
      it(`is for ${rung} of ${created} programs, and says that there are more`, async () => {
        const runIds = await t.executor.createPrograms(programs(Number(created)));
        const hints = await messages(t);
        expect(hints).to.have.length(rung);
        expect(new Set(hints.map(({ note }) => note))).to.deep.equal(new Set(['more']));
        expect(runIds).to.include.members(hints.map(({ runId }) => runId));
      });

    it('is for one in 200 of what a source goes on to give', async () => {
      await t.executor.createPrograms(new Set(programs(3_000)));
      expect(await messages(t)).to.have.length(33 + 5 + 5);
    });

    it('is early for a single program', async () => {
      const runId = await t.create({ jobs: ['a'] });
      const [first] = await messages(t);
      expect(first).to.include({ runId, note: 'early' });
    });

    it('is done before an executor is closed, also where a line is to be opened first', async () => {
      await t.create({ jobs: ['a'], pool: 'mail', idempotencyKey: 'once' });
      const hints = await messages(t);
      expect(new Set(hints.map(({ note }) => note))).to.deep.equal(new Set(['more']));
    });

    it('is never early for a program of a transaction', async () => {
      await t.executor.getProgram('none');
      const runId = await t.knex.transaction((trx) => t.create({ jobs: ['a'] }, { trx }));
      expect(await messages(t)).to.deep.equal([{ v: 1, runId }]);
    });
  },
  ({ hasBroker, dialect }) => hasBroker && dialect === 'auto',
);
