import { expect } from 'chai';
import type { Execute, Job } from '../../index.js';
import { describeContract, job, withoutBroker } from '../contract/harness.js';
import { expectUntouchedPrototypes, thrower, untouchable } from './hostile-values.js';

const long = 'x'.repeat(100_000);
const error = (fields: object): Error => Object.assign(new Error('odd'), fields);

/** What jobs throw; test/contract/retrying.test.ts has the plain kinds. */
const THROWN: readonly [what: string, thrown: unknown][] = [
  ['an untouchable Proxy', untouchable],
  ['an Error with an untouchable cause', new Error('outer', { cause: untouchable })],
  ['a name of 100,000 characters', error({ name: long })],
  ['a code of 100,000 characters', error({ code: long })],
  ['a code that is NaN', error({ code: NaN })],
  ['a stack of 10 MB', error({ stack: long.repeat(100) })],
  [
    'NUL and half pairs everywhere',
    error({ name: '\u0000\ud800', message: '\u0000\ud800', code: '\u0000\ud800', stack: '\u0000\ud800' }),
  ],
  ['fields of wrong kinds', error({ name: 5, message: { a: 1 }, code: {}, stack: [], cause: 7n })],
  [
    'a frozen error with polluting keys',
    Object.freeze(JSON.parse('{"__proto__":{"polluted":true},"message":"odd"}')),
  ],
  ['quotes, backslashes and braces', new Error(`{"a\\": 'b', \`c\`}, NULL) -- ? $1 \\u0000`)],
  ['an object with a toJSON that throws', { toJSON: () => thrower(new Error('no')) }],
  ['a retry after NaN', error({ ignorable: true, retryAfterMs: NaN })],
  ['a class', class Odd {}],
];

/** Asked for with an error: what cannot be a delay counts as not asked for. */
const DELAYS: readonly unknown[] = [NaN, Infinity, -1, 1e300, '0', 0n, {}, new Date(0), null];

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
/** What jobs return, and the JSON that is kept; null: dropped. */
const RETURNED: readonly [what: string, value: unknown, kept: unknown][] = [
  ['a cycle', cyclic, null],
  ['a BigInt', { n: 1n }, null],
  ['an untouchable Proxy', { untouchable }, null],
  ['a toJSON that throws undefined', { toJSON: () => thrower(undefined) }, null],
  ['10,000 levels', deep(10_000), null],
  ['one byte too much', 'x'.repeat(256 * 1024 - 1), null],
  ['all that fits', 'x'.repeat(256 * 1024 - 2), 'x'.repeat(256 * 1024 - 2)],
  ['a function', () => 1, null],
  ['NUL and half pairs', { '\u0000': '\ud800' }, { '\u0000': '\ud800' }],
  ['NaN', NaN, null],
  [
    'a polluting key',
    JSON.parse('{"__proto__":{"polluted":true}}'),
    JSON.parse('{"__proto__":{"polluted":true}}'),
  ],
  ['quotes', `'";\\ -- ?`, `'";\\ -- ?`],
];

/** Ends when it is told to. */
const endless: Execute = (_message, _data, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('told to end'))));

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

describeContract(
  'hostile ends of jobs',
  (t) => {
    it('thrown, fail their programs with a readable message and a whole record', async () => {
      await t.work(job('odd', ({ programData }) => thrower(THROWN[programData['n'] as number]![1])));
      for (const [n, [what]] of THROWN.entries()) {
        const program = await t.run({ jobs: ['odd'], programData: { n } });
        expect(program.erroredAt, what).to.be.a('date');
        expect(program.errorMessage, what).to.be.a('string').with.length.within(1, 255);
        const [attempt] = await t.attempts(program.runId);
        const record = JSON.parse(attempt!['error']);
        expect(record.message, what).to.be.a('string').and.not.equal('');
        expect(attempt!['error'].length, what).to.be.below(64 * 1024);
      }
      expect(t.log.count('outcome-refused') + t.log.count('run-failed')).to.equal(0);
      expectUntouchedPrototypes();
    });

    it('thrown with a delay that is none, retry by the policy of their job', async () => {
      const retry = { initialBackoffMs: 0, maxAttempts: 2 };
      const odd = ({ programData }: any) =>
        thrower({ message: 'again', retryable: true, retryAfterMs: DELAYS[programData.n] });
      await t.work(job('odd', odd, { retry }));
      const runs = DELAYS.map((_, n) => t.run({ jobs: ['odd'], programData: { n } }));
      for (const program of await Promise.all(runs))
        expect(program).to.include({ errorMessage: 'again', stepRetryCount: 1 });
    });

    it('returned, are kept as JSON or dropped with a warning, and the job has succeeded', async () => {
      await t.work(job('odd', ({ programData }) => RETURNED[programData['n'] as number]![1]));
      for (const [n, [what, , kept]] of RETURNED.entries()) {
        const program = await t.run({ jobs: ['odd'], programData: { n } });
        expect(program.finishedAt, what).to.be.a('date');
        const [attempt] = await t.attempts(program.runId);
        expect(JSON.parse(attempt!['result'] ?? 'null'), what).to.deep.equal(kept);
      }
      expect(t.log.count('result-dropped')).to.equal(6);
      expectUntouchedPrototypes();
    });

    it('of jobs whose parts are odd fail their programs only', async () => {
      const odd: Record<string, unknown> = {
        'no execute': { create: () => undefined },
        'an execute that is none': { create: () => ({ execute: 5 }) },
        'a create that throws': { create: () => thrower(undefined) },
        'an untouchable instance': { create: () => untouchable },
        'a symbol for a name': {
          name: Symbol('odd'),
          timeoutMs: 5,
          execute: endless,
          retry: { maxAttempts: 1 },
        },
        'a thenable that throws': { execute: () => ({ then: () => thrower('not now') }) },
        'a schema that throws': {
          input: { '~standard': { validate: () => thrower(null) } },
          execute: () => 1,
        },
        'a schema that gives nothing': {
          input: { '~standard': { validate: () => undefined } },
          execute: () => 1,
        },
      };
      await t.work({ ...(odd as Record<string, Job>), ...job('sound') });
      for (const name of Object.keys(odd)) {
        const program = await t.run({ jobs: [name] });
        expect(program.erroredAt, name).to.be.a('date');
        expect(program.errorMessage, name).to.be.a('string').and.not.equal('');
      }
      expect((await t.run({ jobs: ['sound'] })).finishedAt).to.be.a('date');
    });

    it('thrown by listeners change nothing', async () => {
      for (const thrown of [untouchable, undefined, Object.create(null), Symbol('s')]) {
        t.executor.on('jobStarted', () => thrower(thrown));

        // eslint-disable-next-line @typescript-eslint/no-misused-promises
        t.executor.on('jobFinished', () => Promise.reject(thrown));
      }
      await t.work(job('a'));
      expect((await t.run({ jobs: ['a', 'a'] })).finishedAt).to.be.a('date');
      await t.log.line('listener-failed', 16);
    });
  },
  withoutBroker,
);
