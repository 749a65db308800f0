import { expect } from 'chai';
import fc from 'fast-check';
import type { ProgramInput } from '../../index.js';
import { describeContract, job, rejection, withoutBroker } from '../contract/harness.js';
import { expectUntouchedPrototypes, nested, thrower } from './hostile-values.js';

/** Every text but what PostgreSQL refuses, so quotes, escapes, line separators and characters beyond the BMP too. */
const text = fc
  .string({ unit: 'binary', maxLength: 30 })
  .map((each) => each.toWellFormed().replaceAll('\u0000', '\\u0000'));
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', '$[*]', "'; --", '?', ''));
const { payload } = fc.letrec<{ value: unknown; payload: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('payload'),
  ),
  payload: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
}));

const jsonOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
const sorted = (texts: Iterable<string>): string[] => [...texts].sort();

/** What JSON makes of odd values, in objects and in arrays. */
const ODD: readonly [what: string, value: unknown][] = [
  ['NaN and infinities', { a: NaN, b: [Infinity, -Infinity] }],
  [
    'a function, a symbol and undefined',
    { a: () => 1, b: Symbol('b'), c: undefined, d: [() => 1, undefined] },
  ],
  ['a sparse array', { a: Object.assign([], { 3: 'x' }) }],
  ['dates', { a: new Date(0), b: [new Date(NaN)] }],
  ['maps, sets and binary data', { a: new Map([[1, 2]]), b: new Set([1]), c: new Uint8Array([1, 2]) }],
  ['boxed values', { a: new String('x'), b: new Number(1), c: new Boolean(false) }],
  ['a class instance with toJSON', { a: new URL('https://example.org/?a=b') }],
  ['a Proxy', { a: new Proxy({ x: 1 }, {}) }],
  ['a key named __proto__', JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":1}}')],
  ['a very long key', { ['k'.repeat(100_000)]: 1 }],
  ['numbers at their ends', { a: [5e-324, Number.MAX_VALUE, -0, 2 ** 53, 1e21, 0.1 + 0.2] }],
  ['as many levels as every database takes', nested(27)],
  ['quotes and backslashes up to the limit', { a: '"\\'.repeat(260_000) }],
];

describeContract(
  'hostile payloads',
  (t) => {
    it('come back equal, whatever text, keys and numbers they are made of', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(payload, payload), { minLength: 1, maxLength: 20 }),
          async (all) => {
            const programs = all.map(([programData, data]) => ({
              jobs: ['a'],
              programData,
              jobData: { a: data },
            }));
            const runIds = await t.executor.createPrograms(programs);
            for (const [index, runId] of runIds.entries()) {
              const { programData, jobData } = programs[index]!;
              expect(await t.executor.getProgram(runId)).to.deep.include({
                programData: jsonOf(programData),
                jobData: jsonOf(jobData),
              });
            }
          },
        ),
        { numRuns: 15 },
      );
      expectUntouchedPrototypes();
    });

    it('come back as JSON has them where JSON has no such value', async () => {
      for (const [what, value] of ODD) {
        const runId = await t.create({
          jobs: ['a'],
          programData: value as object,
          jobData: { a: value as object },
        });
        const program = (await t.executor.getProgram(runId))!;
        expect(program.programData, what).to.deep.equal(jsonOf(value));
        expect(program.jobData, what).to.deep.equal({ a: jsonOf(value) });
      }
      expectUntouchedPrototypes();
    });

    it('reach the job, and go through its data handler and results, unchanged', async () => {
      const values = ODD.map(([, value]) => value as object);
      await t.work({
        ...job('__proto__', async ({ programData }, data) => {
          await data.set(programData);
          return data.get();
        }),
        ...job('read', (_message, _data, { results }) => ({ of: Object.entries(results) })),
      });
      for (const programData of values) {
        const { runId } = await t.run({ jobs: ['__proto__', 'read'], programData });
        const [first, second] = await t.attempts(runId);
        if (first!['result'] === null) expect(JSON.stringify(programData).length).to.be.above(256 * 1024);
        else {
          expect(JSON.parse(first!['result'])).to.deep.equal(jsonOf(programData));
          expect(JSON.parse(second!['result'])).to.deep.equal({ of: [['__proto__', jsonOf(programData)]] });
        }
        const stored = (await t.executor.getProgram(runId))!.jobData;
        expect(sorted(Object.keys(stored))).to.deep.equal(['__proto__']);
      }
      expectUntouchedPrototypes();
    });

    const cycle: unknown[] = [];
    cycle.push({ cycle });
    const levels = (value: object) => ({ deep: value });
    const refused: [what: string, value: object, field: string][] = [
      ['a BigInt in an array', { a: [1, { b: 2n }] }, 'programData.a.1.b'],
      ['a cycle through an array', { a: cycle }, 'programData.a.0.cycle'],
      [
        'a getter that throws',
        {
          a: {
            get b() {
              return thrower(new Error('marker-of-a-payload'));
            },
          },
        },
        'programData.a.b',
      ],
      [
        'a toJSON that throws',
        { a: { toJSON: () => thrower(new Error('marker-of-a-payload')) } },
        'programData.a',
      ],
      ['a toJSON that throws nothing', { a: { toJSON: () => thrower(undefined) } }, 'programData.a'],
      [
        'a Proxy whose keys cannot be read',
        { a: new Proxy({}, { ownKeys: () => thrower('x') }) },
        'programData.a',
      ],
      ['a NUL in a long key', { ['k'.repeat(5_000) + '\u0000']: 1 }, 'programData (a key)'],
      [
        'half a surrogate pair below a long key',
        { ['k'.repeat(5_000)]: '\udc00' },
        `programData.${'k'.repeat(188)}…`,
      ],
      ['10,000 levels', levels(nested(10_000)), 'programData'],
      ['more levels than there is stack, with NUL', { a: nested(4_000), b: '\u0000' }, 'programData'],
      ['a text instead of an object', { toJSON: () => 'text' }, 'programData'],
    ];
    it('are refused with the path, in a short message without their text, before anything is written', async () => {
      await t.create({ jobs: [] }, { runId: 'first' });
      for (const [what, programData, field] of refused) {
        const error = await rejection(t.create({ jobs: ['a'], programData }));
        expect(error, what).to.include({ code: 'PE_INVALID_PROGRAM' });
        expect(error.field, what).to.satisfy((found: string) => found.startsWith(field));
        expect(error.message, what).to.have.length.below(400);
        expect(`${error.message}${error.stack}`, what).to.not.include('marker-of-a-payload');
        expect(error.message.isWellFormed() && !error.message.includes('\u0000'), what).to.equal(true);
      }
      expect(await t.rowCount()).to.equal(1);
    });

    it('are refused beyond the levels that the database takes, with the path; of a job’s own data too', async () => {
      const maxDepth = t.variant.database.kind === 'mysql' ? 28 : 1_000;
      const allowed = await t.create({ jobs: ['a'], programData: nested(maxDepth) });
      expect((await t.executor.getProgram(allowed))!.programData).to.deep.equal(nested(maxDepth));
      const error = await rejection(t.create({ jobs: ['a'], programData: nested(maxDepth + 1) }));
      expect(error).to.include({ code: 'PE_INVALID_PROGRAM' });
      expect(error.message).to.match(
        /^programData\.a\.a\.a.*: is nested more than (28|1000) levels deep; flatten/,
      );
      let refusal: any;
      await t.work(
        job('a', async (_message, data) => {
          refusal = await rejection(data.set(nested(maxDepth + 1)));
          await data.set(nested(maxDepth));
        }),
      );
      const { finishedAt, jobData } = await t.ended(allowed);
      expect(finishedAt).to.be.a('date');
      expect(refusal.message).to.match(/^jobData\.a\.a\.a\.a.*: is nested more than/);
      expect(jobData).to.deep.equal({ a: nested(maxDepth) });
    });

    const date = new Date(0);
    const notObjects: [value: unknown, field: string][] = [
      [{ a: date }, 'jobData.a'],
      [{ a: { toJSON: () => [1] } }, 'jobData.a'],
      [{ toJSON: () => ({ a: 5 }) }, 'jobData.toJSON'],
      [{ a: {}, ['b'.repeat(5_000)]: [] }, `jobData.${'b'.repeat(192)}…`],
      [{ a: Symbol('x') }, 'jobData.a'],
    ];
    it('of single jobs are refused when JSON makes something else than an object of them', async () => {
      await t.create({ jobs: [] });
      for (const [jobData, field] of notObjects)
        expect(await rejection(t.create({ jobs: ['a'], jobData } as ProgramInput))).to.include({
          code: 'PE_INVALID_PROGRAM',
          field,
        });
      expect(await t.rowCount()).to.equal(1);
    });

    it('of one byte above 1 MiB are refused, and none of the bulk that it came in is written', async () => {
      const exactly = { x: 'y'.repeat(1024 * 1024 - '{"x":""}'.length) };
      await t.create({ jobs: ['a'], programData: exactly, jobData: { a: { x: '"'.repeat(500_000) } } });
      const above = { jobs: ['a'], programData: { x: `${exactly.x}y` } };
      const error = await rejection(t.executor.createPrograms([{ jobs: ['a'] }, above]));
      expect(error).to.include({ code: 'PE_PAYLOAD_TOO_LARGE' });
      expect(error.message).to.include('programData: 1048577 bytes of JSON, the limit is 1048576');
      expect(await t.rowCount()).to.equal(1);
    });
  },
  withoutBroker,
);
