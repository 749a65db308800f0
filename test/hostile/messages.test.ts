import { expect } from 'chai';
import fc from 'fast-check';
import type { JobLibrary, Worker } from '../../index.js';
import { describeContract, gate, job } from '../contract/harness.js';
import { expectUntouchedPrototypes } from './hostile-values.js';

const MARKER = 'marker-of-a-message';
const PARKED = Number.MAX_SAFE_INTEGER;
const SAYS_IT = JSON.stringify(MARKER);
const named = (runId: string, rest = ''): string => `{"v":1,"runId":${JSON.stringify(runId)}${rest}}`;

/** None of them can name a program. */
const JUNK: readonly [what: string, body: string | Buffer][] = [
  ['no bytes', ''],
  ['malformed JSON', `{"v":1,"runId":${SAYS_IT}`],
  ['binary', Buffer.from([0, 255, 254, 0x80, 0, 1, 2, 3])],
  ['an array', `[${SAYS_IT}]`],
  ['an array of messages', `[{"v":1,"runId":${SAYS_IT}}]`],
  ['a number', '1e999'],
  ['a runId that is an object', `{"runId":{"text":${SAYS_IT}}}`],
  ['a runId that is true', '{"runId":true}'],
  ['a runId only in the prototype', `{"__proto__":{"runId":${SAYS_IT}}}`],
  ['a runId in a wrapped body', `{"body":{"runId":${SAYS_IT}}}`],
  ['a runId of 10,000 characters', named(MARKER.repeat(600))],
  ['NUL in the runId', named(`${MARKER}\u0000`)],
  ['half a surrogate pair in the runId', `{"runId":"${MARKER}\\ud800"}`],
  ['a runId that ends in a space, as MySQL would not see', named('known ')],
  ['10 MB', named('known', `,"programData":"${MARKER.repeat(550_000)}"`)],
  ['500,000 levels', '['.repeat(500_000)],
];

/** They ring for a program that there is, whatever else they say. */
const RINGS: readonly [what: string, body: (runId: string) => string][] = [
  ['a hint of a later version', (runId) => named(runId, ',"v":99,"note":{"__proto__":{"polluted":true}}')],
  ['an unknown note', (runId) => named(runId, `,"note":${SAYS_IT}`)],
  [
    'the old format with other jobs and data',
    (runId) => named(runId, `,"jobs":["evil"],"programData":{"evil":${SAYS_IT}},"jobData":1`),
  ],
  [
    'polluting keys',
    (runId) => named(runId, ',"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}'),
  ],
  ['the runId twice, the last of them right', (runId) => `{"runId":"other","runId":"${runId}"}`],
];

describeContract(
  'hostile messages',
  (t) => {
    const send = (body: string | Buffer): void => t.broker!.send(t.queue, body);

    /** What is sent before there is a queue goes nowhere. */
    const listen = async (library: JobLibrary): Promise<Worker> => {
      const worker = await t.work(library, { concurrency: 3 });
      await t.log.line('queue-declared');
      return worker;
    };

    it('are removed with a warning that holds none of their text, and the worker lives on', async () => {
      // Parked: only a message starts it, and none of these may.
      const known = await t.create({ jobs: ['a'] }, { runId: 'known', runAfter: 3_600_000 });
      await t.change(known, { due_at: PARKED });
      const worker = await listen(job('a'));
      for (const [, body] of JUNK) send(body);
      await t.log.line('message-removed', JUNK.length);
      expect((await t.run({ jobs: ['a'] })).finishedAt).to.be.a('date');
      expect(await t.row(known)).to.include({ fence: 1, lost_count: 0, claimed_by: null });
      expect(JSON.stringify(t.log.items)).to.not.include(MARKER);
      expect(t.log.count('message-removed')).to.equal(JUNK.length);
      expect(t.log.count('database-error')).to.equal(0);
      await worker.stop();
      expect(await t.broker!.messageCount(t.queue)).to.equal(0);
      expectUntouchedPrototypes();
    });

    it('that are made at random end neither the worker nor what it is working on', async () => {
      const [started, finish] = [gate(), gate()];
      await listen({
        ...job('a'),
        ...job('long', async () => {
          started.open();
          await finish.opened;
        }),
      });
      const long = await t.create({ jobs: ['long'] });
      await started.opened;
      const field = fc.oneof(fc.constantFrom('runId', 'v', 'note', 'jobs', '__proto__'), fc.string());
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc
          .dictionary(field, fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })))
          .map((each) => JSON.stringify(each)),
        fc.json(),
      );
      for (const each of fc.sample(body, 200)) send(each);
      expect((await t.run({ jobs: ['a'] })).finishedAt).to.be.a('date');
      finish.open();
      expect((await t.ended(long)).finishedAt).to.be.a('date');
      expect(t.log.count('database-error')).to.equal(0);
      expect((await t.row(long)).lost_count).to.equal(0);
      expectUntouchedPrototypes();
    });

    it('that name a program ring for it, and nothing else they say is used', async () => {
      const seen: unknown[] = [];
      await listen(job('a', ({ programData, jobs }) => void seen.push({ programData, jobs })));
      for (const [what, body] of RINGS) {
        const runId = await t.create({ jobs: ['a'], programData: { mine: true } }, { runAfter: 3_600_000 });
        await t.change(runId, { due_at: PARKED });
        send(body(runId));
        expect((await t.ended(runId)).finishedAt, what).to.be.a('date');
        expect(seen.pop(), what).to.deep.equal({ programData: { mine: true }, jobs: ['a'] });
      }
      expect(JSON.stringify(t.log.items)).to.not.include(MARKER);
      expectUntouchedPrototypes();
    });
  },
  ({ hasBroker }) => hasBroker,
);
