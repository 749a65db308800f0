import { expect } from 'chai';
import type { AddOptions, Batch, BatchListOptions, MigrateOptions, WaitOptions } from '../../index.js';
import { describeContract, rejection, withoutBroker } from '../contract/harness.js';
import { KINDS, OBJECTS } from './hostile-values.js';

/** The kinds of value that an option does take; all the others it has to refuse. */
const ADD: Readonly<Record<keyof AddOptions, readonly string[]>> = { more: ['true'] };
const WAIT: Readonly<Record<keyof WaitOptions, readonly string[]>> = {
  onProgress: ['a function'],
  timeoutMs: ['zero', 'a fraction', 'Infinity'],
  intervalMs: ['a fraction'],
};
const LIST: Readonly<Record<keyof BatchListOptions, readonly string[]>> = {
  type: ['a text'],
  status: [],
  limit: [],
};

type Call = (batch: Batch, options: any) => Promise<unknown>;

describeContract(
  'hostile options of calls',
  (t) => {
    const calls: [call: string, taken: Readonly<Record<string, readonly string[]>>, of: Call][] = [
      ['batches.addPrograms', ADD, (batch, more) => t.executor.batches.addPrograms(batch, [], more)],
      ['batches.addJobs', ADD, (batch, more) => t.executor.batches.addJobs(batch, 'a', [], more)],
      ['batches.waitFor', WAIT, (batch, more) => t.executor.batches.waitFor(batch, more)],
      ['batches.list', LIST, (_batch, more) => t.executor.batches.list(more)],
      [
        'migrate',
        { dryRun: ['true'] } satisfies Record<keyof MigrateOptions, string[]>,
        (_batch, more) => t.executor.migrate(more),
      ],
    ];
    for (const [call, taken, of] of calls)
      it(`are refused by ${call}, by their names, whatever wrong kind they have`, async () => {
        const batch = await t.executor.batches.create({ code: 'batch' });
        const refused = async (options: unknown, key: string, what: string): Promise<void> => {
          const error = await rejection(of(batch, options));
          expect(error, what).to.include({ code: 'PE_CONFIG', key });
        };
        for (const [option, kinds] of Object.entries(taken))
          for (const [kind, value] of KINDS)
            if (!kinds.includes(kind)) await refused({ [option]: value }, `options.${option}`, kind);
        for (const [kind, value] of KINDS) if (!OBJECTS.includes(kind)) await refused(value, 'options', kind);
        await refused({ mispelt: 1 }, 'options.mispelt', 'misspelt');
        expect(await t.executor.batches.get(batch.id)).to.deep.equal(batch);
      });

    it('are refused by waitFor where its pauses fit in no timer', async () => {
      const batch = await t.executor.batches.create({ code: 'batch' });
      for (const intervalMs of [2 ** 31, Infinity, '50' as never])
        expect(await rejection(t.executor.batches.waitFor(batch, { intervalMs }))).to.include({
          key: 'options.intervalMs',
        });
    });

    it('are refused by getByCode where no batch can have the code', async () => {
      for (const [kind, value] of KINDS)
        if (kind !== 'a text')
          expect(await rejection(t.executor.batches.getByCode(value as string)), kind).to.include({
            code: 'PE_CONFIG',
            key: 'code',
          });
    });

    it('are refused by migrate with a misspelt dryRun before it has made a table', async () => {
      const dryrun = { dryrun: true } as MigrateOptions;
      expect(await rejection(t.executor.migrate(dryrun))).to.include({ key: 'options.dryrun' });
      expect(await t.knex.schema.hasTable(t.table)).to.equal(false);
    });
  },
  withoutBroker,
);
