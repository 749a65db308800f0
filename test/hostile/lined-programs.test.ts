import { expect } from 'chai';
import { describeContract, rejection, withoutBroker } from '../contract/harness.js';
import { expectUntouchedPrototypes, KINDS } from './hostile-values.js';

const TEXTS = ['', 'x'.repeat(256), 'nul\u0000', '\ud800', 'ends in a space '];

/** The kinds of value that a field does take; all the others it has to refuse. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  pool: ['a text'],
  concurrencyKey: ['a text'],
  priority: ['zero'],
  expiresAt: ['zero', 'a fraction', 'a Date'],
  onComplete: [],
};

const MORE: Readonly<Record<string, readonly unknown[]>> = {
  pool: TEXTS,
  concurrencyKey: TEXTS,
  priority: [-1, 1_001, 1e300, '5', -Infinity],
  expiresAt: [-1, 8.64e15 + 1, '2030-01-01', new Date(NaN)],
  retry: [
    0,
    'never',
    [],
    { maxAttempts: 0 },
    { initialBackoffMs: -1 },
    { strategy: 'sometimes' },
    { more: 1 },
  ],
  onComplete: [
    { job: '' },
    { job: 7 },
    { context: 1 },
    { job: 'a', context: 1n },
    { job: 'a', onComplete: {} },
    { job: 'a', contxt: 1 },
    { job: 'a', onComplete: { job: 'b', data: {} } },
  ],
};

describeContract(
  'hostile programs of lines',
  (t) => {
    const refused = async (field: string, value: unknown, what: string): Promise<void> => {
      const error = await rejection(t.create({ jobs: ['a'], [field]: value }));
      expect(error.code, what).to.be.oneOf(['PE_INVALID_PROGRAM', 'PE_PAYLOAD_TOO_LARGE']);
      expect(error.message, what).to.match(new RegExp(`^${field}`));
    };

    it('are refused where a field is of a wrong kind, and nothing is written', async () => {
      await t.create({ jobs: [] });
      for (const [field, taken] of Object.entries(TAKEN))
        for (const [kind, value] of KINDS)
          if (!taken.includes(kind)) await refused(field, value, `${field}: ${kind}`);
      for (const [field, values] of Object.entries(MORE))
        for (const value of values) await refused(field, value, `${field}: ${String(value)}`);
      expect(await t.rowCount()).to.equal(1);
      for (const table of ['pools', 'lines', 'slots', 'meters'])
        expect(await t.rowCount(`${t.table}_${table}`), table).to.equal(0);
      expectUntouchedPrototypes();
    });

    it('are refused with callbacks within each other without end', async () => {
      const endless: Record<string, unknown> = { job: 'a' };
      endless['onComplete'] = endless;
      await refused('onComplete', endless, 'in a circle');
    });

    it('are refused with the path to what is wrong in the context of a callback', async () => {
      const callback = (context: unknown) => ({ jobs: ['a'], onComplete: { job: 'a', context } });
      for (const [context, path] of [
        [1n, 'onComplete.context'],
        [{ list: ['nul\u0000'] }, 'onComplete.context.list.0'],
        ['x'.repeat(1_048_576), 'onComplete.context'],
      ])
        expect(await rejection(t.create(callback(context)))).to.include({ field: path });
    });

    it('are refused all when one of many is, and no line is made', async () => {
      const many = [
        { jobs: ['a'], pool: 'mail' },
        { jobs: ['a'], pool: '' },
      ];
      expect((await rejection(t.executor.createPrograms(many))).message).to.match(/^pool: /);
      await t.executor.migrate();
      expect(await t.rowCount(`${t.table}_lines`)).to.equal(0);
    });
  },
  withoutBroker,
);
