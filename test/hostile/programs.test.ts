import { expect } from 'chai';
import fc from 'fast-check';
import knexPackage from 'knex';
import type { CreateOptions, ProgramInput } from '../../index.js';
import { describeContract, rejection, withoutBroker } from '../contract/harness.js';
import { testDatabases } from '../support/databases.js';
import { expectUntouchedPrototypes, KINDS, thrower, untouchable } from './hostile-values.js';

/** The kinds of value that a field does take; all the others it has to refuse. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  jobs: ['an array'],
  programData: ['null', 'an empty object', 'an object without a prototype', 'a Map', 'a RegExp', 'a Promise'],
  jobData: ['null', 'an empty object', 'an object without a prototype', 'a Map', 'a RegExp', 'a Promise'],
};
const TAKEN_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  runId: ['a text'],
  runAt: ['zero', 'a fraction', 'a Date'],
  runAfter: ['null', 'zero', 'a fraction'],
  trx: [],
};
const MS: readonly [kind: string, value: unknown][] = [
  ['1e300', 1e300],
  ['a time after the last Date', 8.64e15 + 1],
  ['-Infinity', -Infinity],
  ['a number as text', '1000'],
];

const jobs = ['a'];
const refused = (error: any, what: string, field: string): void => {
  expect(error, what).to.include({ code: 'PE_INVALID_PROGRAM', field });
  expect(error.message, what).to.match(/^[^:]+: (expected|cannot|unknown|is |belongs )/);
};

describeContract(
  'hostile programs',
  (t) => {
    /** What is refused is refused before anything is written. */
    const itWritesNothing = (title: string, body: () => Promise<void>): void => {
      it(title, async () => {
        await t.create({ jobs: [] });
        await body();
        expect(await t.rowCount()).to.equal(1);
        expectUntouchedPrototypes();
      });
    };

    itWritesNothing('are refused where a field is of a wrong kind', async () => {
      for (const [field, taken] of Object.entries(TAKEN))
        for (const [kind, value] of KINDS)
          if (!taken.includes(kind)) {
            const error = await rejection(t.create({ jobs, [field]: value }));
            const at = field === 'jobs' && Array.isArray(value) ? 'jobs[0]' : field;
            refused(error, `${field}: ${kind}`, at);
          }
    });

    itWritesNothing(
      'are refused where a job’s name is of a wrong kind, and where a name is missing',
      async () => {
        for (const [kind, value] of [...KINDS, ['a text of 256', 'x'.repeat(256)]] as const)
          if (kind !== 'a text')
            refused(await rejection(t.create({ jobs: ['a', value as string] })), kind, 'jobs[1]');
        const sparse: string[] = ['a'];
        sparse[2] = 'c';
        refused(await rejection(t.create({ jobs: sparse })), 'sparse', 'jobs[1]');
        const writtenAs = Object.assign(['a'], { toJSON: () => [1n] });
        const runId = await t.create({ jobs: writtenAs });
        expect((await t.executor.getProgram(runId))!.jobs).to.deep.equal(['a']);
        await t.knex(t.table).where({ run_id: runId }).delete();
      },
    );

    itWritesNothing('are refused with more job names than a payload may have bytes', async () => {
      const error = await rejection(t.create({ jobs: Array<string>(300_000).fill('a') }));
      expect(error).to.include({ code: 'PE_PAYLOAD_TOO_LARGE' });
      expect(error.message).to.match(/^jobs: 1200001 bytes/);
    });

    itWritesNothing(
      'are refused when they are of a wrong kind themselves, alone or among others',
      async () => {
        for (const [kind, value] of KINDS) {
          refusedProgram(await rejection(t.create(value as ProgramInput)), kind);
          const many = [{ jobs }, value, { jobs }] as ProgramInput[];
          refusedProgram(await rejection(t.executor.createPrograms(many)), kind);
        }
        const sparse: ProgramInput[] = [{ jobs }];
        sparse[2] = { jobs };
        refused(await rejection(t.executor.createPrograms(sparse)), 'sparse', 'program');
      },
    );

    itWritesNothing('are refused when they cannot be touched, or have unknown keys of any kind', async () => {
      await rejection(t.create(untouchable as ProgramInput));
      await rejection(
        t.create({
          get jobs() {
            return thrower(new Error('no jobs'));
          },
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), async (key) => {
          fc.pre(!['jobs', 'programData', 'jobData', 'jobsData', '__proto__'].includes(key));
          const error = await rejection(t.create({ jobs, [key]: 1 }));
          expect(error.message).to.match(/: unknown field; a program has jobs, programData/);
          expect(error.message.length).to.be.below(300);
        }),
      );
      const polluting = JSON.parse('{"jobs":["a"],"__proto__":{"polluted":true}}') as ProgramInput;
      refused(await rejection(t.create(polluting)), '__proto__', '__proto__');
    });

    itWritesNothing('are refused where an option is of a wrong kind', async () => {
      for (const [option, taken] of Object.entries(TAKEN_OPTIONS))
        for (const [kind, value] of [...KINDS, ...(option.startsWith('runA') ? MS : [])])
          if (!taken.includes(kind))
            refused(await rejection(t.create({ jobs }, { [option]: value })), `${option}: ${kind}`, option);
      const before = await rejection(t.create({ jobs }, { runId: 'ends in a space ' }));
      refused(before, 'a trailing space', 'runId');
    });

    itWritesNothing('are refused where the options are none', async () => {
      for (const [kind, value] of KINDS) {
        if (/object|Map|RegExp|Promise|Date/.test(kind) && kind !== 'an array of objects') continue;
        refused(await rejection(t.create({ jobs }, value as CreateOptions)), kind, 'options');
        refused(
          await rejection(t.executor.createPrograms([{ jobs }], value as CreateOptions)),
          kind,
          'options',
        );
        refused(await rejection(t.executor.createPrograms([], value as CreateOptions)), kind, 'options');
      }
    });

    itWritesNothing(
      'are refused in what is no transaction, one that is over, and one of another database',
      async () => {
        refused(await rejection(t.create({ jobs }, { trx: t.knex as never })), 'a pool', 'trx');
        const over = await t.knex.transaction();
        await over.rollback();
        refused(await rejection(t.create({ jobs }, { trx: over })), 'rolled back', 'trx');
        for (const database of testDatabases().filter(({ kind }) =>
          isElsewhere(kind, t.variant.database.kind),
        )) {
          const elsewhere = knexPackage(database.createKnexConfig());
          const creating = elsewhere.transaction((trx) => t.create({ jobs }, { trx }));
          const error = await rejection(creating.finally(() => elsewhere.destroy()));
          refused(error, database.name, 'trx');
        }
      },
    );

    itWritesNothing(
      'are not found, cancelled or resumed by anything but a text that can be a runId',
      async () => {
        const waiting = await t.create({ jobs }, { runId: 'waiting' });
        const { executor } = t;
        for (const [kind, value] of [...KINDS, ['run_id', { run_id: 1 }]] as const) {
          if (kind === 'a text') continue;
          const runId = value as string;
          for (const call of [executor.getProgram(runId), executor.resumeProgram(runId)])
            refused(await rejection(call), kind, 'runId');
          refused(await rejection(executor.cancelProgram(runId)), kind, 'runId');
          if (typeof value !== 'string')
            refused(await rejection(executor.cancelProgram(waiting, value as string)), kind, 'reason');
        }
        expect(await executor.getProgram(waiting)).to.include({ erroredAt: null });
        await t.knex(t.table).where({ run_id: waiting }).delete();
      },
    );
  },
  withoutBroker,
);

function refusedProgram(error: any, kind: string): void {
  expect(error.code, kind).to.equal('PE_INVALID_PROGRAM');
  expect(error.field, kind).to.be.oneOf(['program', 'jobs']);
}

/** A SQLite database is a file, so two of them are as different as two servers. */
function isElsewhere(kind: string, ours: string): boolean {
  return kind !== ours || kind === 'sqlite';
}
