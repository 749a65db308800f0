import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import knexPackage from 'knex';
import { crashTest, CrashTestError, type CrashRun, type CrashTestOptions } from '../../testing.js';
import { describeBoundary } from '../../src/testing/boundary.js';
import { errorOf } from '../jobs/rejection.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';

const JOBS = new URL('./crash-jobs.js', import.meta.url);

describe('crashTest', function () {
  this.timeout(120_000);

  let world: string;

  beforeEach(async () => {
    world = join(await tempFolder(), 'world');
  });

  afterEach(async () => {
    delete process.env['TEST_WORLD'];
    await removeTempFolders();
  });

  function prepare(): void {
    process.env['TEST_WORLD'] = world;
    writeFileSync(world, '');
  }

  function worldNow(): string[] {
    return readFileSync(world, 'utf8').split('\n').slice(0, -1);
  }

  async function failureOf(options: Partial<CrashTestOptions>): Promise<CrashTestError> {
    const program = { jobs: [] };
    const error = await errorOf(() => crashTest({ jobLibrary: JOBS, program, prepare, ...options }));
    if (error instanceof CrashTestError) return error;
    throw error;
  }

  async function withDatabase<T>(
    { databasePath }: Pick<CrashRun, 'databasePath'>,
    work: (knex: knexPackage.Knex) => Promise<T>,
  ) {
    const knex = knexPackage({
      client: 'better-sqlite3',
      useNullAsDefault: true,
      connection: { filename: databasePath },
    });
    try {
      return await work(knex);
    } finally {
      await knex.destroy();
    }
  }

  describe('of a program that survives', () => {
    const runs: (CrashRun & { bookings: number })[] = [];
    let report: Awaited<ReturnType<typeof crashTest>>;

    before(async () => {
      report = await crashTest({
        jobLibrary: JOBS,
        program: { jobs: ['book', 'order'] },
        prepare: (run) =>
          withDatabase(run, (knex) => knex.schema.createTable('bookings', (t) => t.integer('cents'))),
        check: async (run) => {
          const bookings = await withDatabase(run, (knex) => knex('bookings').select());
          runs.push({ ...run, bookings: bookings.length });
        },
      });
    });

    it('kills the process once before and after every commit, of a created program too', () => {
      expect(report.boundaries.map(describeBoundary)).to.deep.equal([
        'after the program was claimed for job book (step 0)',
        'before the end of job book (step 0) was recorded',
        'after the end of job book (step 0) was recorded',
        'before the end of job order (step 1) was recorded',
        'after the end of job order (step 1) was recorded',
        'after the program was claimed for job order (step 1, attempt 2)',
        'before job order (step 1, attempt 2) created a program',
        'after job order (step 1, attempt 2) created a program',
        'before the end of job order (step 1, attempt 2) was recorded',
        'after the end of job order (step 1, attempt 2) was recorded',
        'after the program was claimed for job child (step 0)',
        'before the end of job child (step 0) was recorded',
        'after the end of job child (step 0) was recorded',
      ]);
    });

    it('runs it to its end each time, and gives that to the check', () => {
      const numbers = report.boundaries.map(({ number }) => number);
      expect(runs.map(({ crashedAt }) => crashedAt?.number)).to.deep.equal([undefined, ...numbers]);
      expect(runs.filter(({ program }) => program.finishedAt === null)).to.deep.equal([]);
      expect(runs.map(({ program }) => program.step)).to.deep.equal(runs.map(() => 1));
    });

    it('finds what a transaction wrote exactly once, whatever was killed', () => {
      expect(runs.map(({ bookings }) => bookings)).to.deep.equal(runs.map(() => 1));
    });

    it('says which job repeated which effect, and when', () => {
      const [created] = report.repeated.filter(({ crashedAt }) => crashedAt.number === 8);
      expect(created).to.deep.include({ effect: 'order runId:1', job: 'order', times: 2, expected: 1 });
      expect(report.repeated.map(({ job, crashedAt }) => [job, crashedAt.number])).to.deep.equal([
        ['order', 7],
        ['order', 8],
        ['child', 8],
        ['order', 9],
        ['child', 9],
        ['child', 12],
      ]);
    });

    it('reads well', () => {
      expect(String(report)).to.equal(
        [
          'Killed once at each of 13 boundaries.',
          'Job order repeated "order runId:1" when killed:',
          '  before job order (step 1, attempt 2) created a program: 2 times',
          '  after job order (step 1, attempt 2) created a program: 2 times',
          '  before the end of job order (step 1, attempt 2) was recorded: 2 times',
          'Job child repeated "child" when killed:',
          '  after job order (step 1, attempt 2) created a program: 2 times',
          '  before the end of job order (step 1, attempt 2) was recorded: 2 times',
          '  before the end of job child (step 0) was recorded: 2 times',
        ].join('\n'),
      );
    });
  });

  it('finds an effect that is repeated, one that is lost, and a world that is wrong', async () => {
    const { report, cause } = await failureOf({
      program: { jobs: ['act then remember', 'remember then act'] },
      exactlyOnce: ['charge'],
      check: () => expect(worldNow()).to.deep.equal(['charge', 'mail']),
    });
    expect(report.boundaries).to.have.length(9);
    expect(report.failures.map((failure) => [failure.crashedAt?.number, failure.message])).to.deep.equal([
      [2, "check: expected [ 'charge', 'charge', 'mail' ] to deeply equal [ 'charge', 'mail' ]"],
      [2, '"charge" happened 2 times, and must exactly once'],
      [7, "check: expected [ 'charge' ] to deeply equal [ 'charge', 'mail' ]"],
      [7, 'job remember then act lost "mail": 0 times instead of 1 (does its name differ from run to run?)'],
    ]);
    expect(cause).to.equal(report.failures[0]?.cause);
  });

  it('takes what createProgram takes, and its data as JSON has them', async () => {
    const programs: CrashRun['program'][] = [];
    await crashTest({
      jobLibrary: JOBS,
      program: {
        jobs: ['child'],
        programData: { at: new Date(0), price: { toJSON: () => '5 EUR' } },
        jobsData: { child: { at: new Date(1) } },
        retry: { maxAttempts: Infinity },
        onComplete: { job: 'child', context: { at: new Date(2) } },
        expiresAt: new Date(Date.now() + 3_600_000),
      },
      check: ({ program }) => void programs.push(program),
    });
    expect(programs[0]).to.deep.include({
      programData: { at: '1970-01-01T00:00:00.000Z', price: '5 EUR' },
      jobData: { child: { at: '1970-01-01T00:00:00.001Z' } },
    });
  });

  it('expects an error where it is told to', async () => {
    const report = await crashTest({ jobLibrary: JOBS, program: { jobs: ['fail'] }, endsAs: 'errored' });
    expect(report.boundaries.map(describeBoundary)).to.deep.equal([
      'after the program was claimed for job fail (step 0)',
      'before the end of job fail (step 0) was recorded',
      'after the end of job fail (step 0) was recorded',
    ]);
  });

  const failures: [what: string, options: Partial<CrashTestOptions>, message: RegExp][] = [
    ['fails', { program: { jobs: ['fail'] } }, /the program errored at job fail: as always/],
    ['should have failed', { program: { jobs: ['child'] }, endsAs: 'errored' }, /the program finished/],
    ['has an unknown job', { program: { jobs: ['childd'] } }, /Unknown job "childd".* it knows: .*child/],
    [
      'exits',
      { program: { jobs: ['exit'] } },
      /code 3; .*:\nout of order \(the last job to start was exit\)/,
    ],
    ['hangs', { program: { jobs: ['hang'] }, timeoutMs: 50 }, /drain: after 50 ms .* job hang of program/],
    ['blocks', { program: { jobs: ['block'] }, timeoutMs: 50 }, /its process did not end within 50 ms/],
    ['lacks an effect', { program: { jobs: ['child'] }, exactlyOnce: ['typo'] }, /"typo" happened 0 times/],
  ];
  for (const [what, options, message] of failures)
    it(`kills nothing where the program ${what} without that, and says so`, async () => {
      const { report } = await failureOf(options);
      expect(report.boundaries).to.deep.equal([]);
      expect(report.failures).to.have.length(1);
      expect(String(report))
        .to.match(/^Killed nowhere\.\nFailed without a crash: /)
        .and.match(message);
    });

  it('leaves no file behind', async () => {
    let folder = '';
    await crashTest({
      jobLibrary: JOBS,
      program: { jobs: [] },
      check: ({ databasePath }) => {
        folder = dirname(databasePath);
        expect(existsSync(databasePath)).to.equal(true);
      },
    });
    expect(folder).to.not.equal('');
    expect(existsSync(folder)).to.equal(false);
  });

  const misuses: [what: string, options: unknown, message: RegExp][] = [
    ['nothing', undefined, /crashTest: expected \{ jobLibrary, program, check \}/],
    ['no library', { program: {} }, /jobLibrary: expected the path or file URL/],
    ['jobs that are no module', { jobLibrary: { a: {} } }, /cannot be given functions\. Move the jobs into/],
    ['a module that is not there', { jobLibrary: '/no.js', program: { jobs: [] } }, /nothing at \/no\.js/],
    [
      'a URL of the web',
      { jobLibrary: new URL('http://a/'), program: { jobs: [] } },
      /a file URL, got one of/,
    ],
    ['no program', { jobLibrary: JOBS }, /program: expected a program/],
    ['a wrong program', { jobLibrary: JOBS, program: { jobs: 'a' } }, /jobs: expected an array of job names/],
    ['a wrong option', { jobLibrary: JOBS, exactlyOnce: 'a' }, /exactlyOnce: expected true or an array/],
    ['an unknown option', { jobLibary: JOBS }, /jobLibary: unknown setting; known are jobLibrary/],
    [
      'wrong options of workers',
      { jobLibrary: JOBS, program: { jobs: [] }, workerOptions: { leaseMs: 1 } },
      /options\.leaseMs: expected a whole number/,
    ],
    [
      'a worker for one batch',
      { jobLibrary: JOBS, program: { jobs: [] }, workerOptions: { batch: 'a' } },
      /workerOptions: expected an object of worker options, without batch/,
    ],
  ];
  for (const [what, options, message] of misuses)
    it(`rejects ${what}, naming the remedy`, async () => {
      const error = await errorOf(() => crashTest(options as CrashTestOptions));
      expect(error.message).to.match(message);
    });
});
