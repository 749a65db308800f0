import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { ProgramExecutor, type Execute } from '../../index.js';
import { gate, job } from '../contract/harness.js';
import { CliOn, cliDatabases } from '../cli/cli-on.js';
import { JSON_SCHEMAS } from '../cli/json-schemas.js';
import { MAIN, plainEnv, runCli } from '../cli/run-cli.js';
import type { ProgramRow } from '../cli/batch-rows.js';
import { databasePath } from '../support/databases.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const UUID = '0190a1b2-0000-7000-8000-0000000000ff';

const failed = (error: string): ProgramRow => ({
  state: 'errored',
  error,
  attempts: [{ outcome: 'failed', tookMs: 10, endedAgoMs: 5_000 }],
});
const succeeded = (tookMs: number, endedAgoMs = 5_000): ProgramRow => ({
  state: 'finished',
  attempts: [{ outcome: 'succeeded', tookMs, endedAgoMs }],
});

/** Ten programs in ten seconds: four finished, one of them at its second attempt, and three failed. */
const MAILS: readonly ProgramRow[] = [
  succeeded(100, 9_900),
  succeeded(200),
  succeeded(300),
  {
    state: 'finished',
    attempts: [
      { outcome: 'retried', tookMs: 50, endedAgoMs: 1_000 },
      { outcome: 'succeeded', tookMs: 400, endedAgoMs: 0 },
    ],
  },
  failed('Page 12 not found'),
  failed('Page 7 not found'),
  { ...failed(`No answer for ${UUID}`), runId: 'unanswered' },
  { state: 'running', runId: 'hanging', idleMinutes: 6 },
  { state: 'waiting' },
  { state: 'waiting', error: 'Not now' },
];

for (const database of cliDatabases())
  describe(`the command line on ${database.name}`, function () {
    this.timeout(60_000);
    let cli: CliOn;
    before(async () => {
      cli = new CliOn(database);
      await cli.rows.migrate();
      await cli.rows.batch({ code: 'mails', type: 'mail', retried: 1, programs: MAILS });
      await cli.rows.batch({
        code: 'import',
        type: 'csv',
        status: 'completed',
        programs: [succeeded(1_000)],
      });
      await cli.rows.program({ state: 'waiting', runId: 'alone', jobs: ['first', 'second'], step: 1 });
      await cli.rows.batch({ code: 'later', isPaused: true });
    });
    after(() => cli.rows.drop());

    it('TEM-68: report without a code is a table of all batches, the newest first', async () => {
      const lines = (await cli.text('report')).trimEnd().split('\n');
      expect(lines[0]?.split(/ +/)).to.deep.equal(
        'Code Type Status Created Total Waiting Running Finished Errored Cancelled'.split(' '),
      );
      const withoutTimes = lines.slice(1).map((line) =>
        line
          .replace(/\d{4}-\S+Z/, 'T')
          .split(/ +/)
          .join(' '),
      );
      expect(withoutTimes).to.deep.equal([
        'later - paused T 0 0 0 0 0 0',
        'import csv completed T 1 0 0 1 0 0',
        'mails mail running T 10 2 1 4 3 0',
      ]);
    });

    it('TEM-68: report of a batch that does not exist fails, and says so', async () => {
      const { code, stderr } = await cli.run('report', 'nothing');
      expect({ code, stderr }).to.deep.equal({ code: 1, stderr: 'error: Batch not found: nothing\n' });
    });

    it('TEM-69: report --latest is of the batch that was created last', async () => {
      const { batch } = await cli.json(JSON_SCHEMAS['report of a batch'], 'report', '--latest');
      expect(batch.code).to.equal('later');
    });

    it('TEM-69: report --limit-errors cuts the kinds of errors, the most frequent stay', async () => {
      const { errors } = await cli.json(
        JSON_SCHEMAS['report of a batch'],
        'report',
        'mails',
        '--limit-errors',
        '1',
      );
      expect(errors.map(({ pattern, count }) => ({ pattern, count }))).to.deep.equal([
        { pattern: 'Page <n> not found', count: 2 },
      ]);
    });

    it('TEM-70: report of a batch has the numbers of its programs and attempts', async () => {
      const report = await cli.json(JSON_SCHEMAS['report of a batch'], 'report', 'mails');
      expect(report.batch).to.deep.include({
        code: 'mails',
        type: 'mail',
        status: 'running',
        completedAt: null,
      });
      expect(report.batch.counts).to.deep.equal({
        total: 10,
        waiting: 2,
        running: 1,
        finished: 4,
        errored: 3,
        cancelled: 0,
        retried: 1,
      });
      expect(report.timing).to.deep.include({
        executions: 8,
        averageMs: 135,
        minMs: 10,
        maxMs: 400,
        mostAttempts: 2,
      });
      expect(report.throughputPerSecond).to.equal(0.7);
      expect(report.retries).to.deep.equal({ programs: 1, finished: 1, errored: 0 });
      expect(report.errors.map(({ pattern, count }) => ({ pattern, count }))).to.deep.equal([
        { pattern: 'Page <n> not found', count: 2 },
        { pattern: 'No answer for <id>', count: 1 },
      ]);
    });

    it('TEM-70: report of a batch says the same as text', async () => {
      const text = await cli.text('report', 'mails');
      for (const expected of [
        /^Batch mails$/m,
        /^ +type +mail$/m,
        /^ +status +running$/m,
        /^ +total +10$/m,
        /^ +finished +4 +40\.0%$/m,
        /^ +errored +3 +30\.0%$/m,
        /^ +running +1 +10\.0%$/m,
        /^ +average +135ms$/m,
        /^ +shortest +10ms$/m,
        /^ +longest +400ms$/m,
        /^ +throughput +0\.70\/s programs$/m,
        /^ +2 +Page <n> not found +Page (12|7) not found$/m,
        /^ +retries +1$/m,
        /^ +of these finished +1 \(100\.0%\)$/m,
      ])
        expect(text).to.match(expected);
    });

    it('TEM-70: a batch of which all has ended and some failed is failed', async () => {
      await cli.rows.batch({
        code: 'over',
        type: 'x',
        status: 'completed',
        programs: [failed('No'), succeeded(5)],
      });
      const { batch } = await cli.json(JSON_SCHEMAS['report of a batch'], 'report', 'over');
      expect(batch.status).to.equal('failed');
    });

    it('TEM-71: list shows the newest programs first, with job, attempts and error', async () => {
      const { programs } = await cli.json(JSON_SCHEMAS.list, 'list', '--batch', 'mails');
      expect(programs).to.have.length(MAILS.length);
      const [newest, waiting, hanging, unanswered] = programs;
      expect(newest).to.deep.include({ status: 'waiting', error: 'Not now', attempts: 0, endedAt: null });
      expect(waiting).to.deep.include({ status: 'waiting', error: null });
      expect(hanging).to.deep.include({
        runId: 'hanging',
        batch: 'mails',
        job: 'send',
        status: 'running',
        attempts: 1,
      });
      expect(unanswered).to.deep.include({ runId: 'unanswered', status: 'errored', attempts: 1 });
      expect(programs[6]).to.deep.include({ status: 'finished', attempts: 2, error: null });
    });

    const filters: [args: string[], count: number][] = [
      [['--status', 'errored', '--batch', 'mails'], 3],
      [['--status', 'waiting', '--batch', 'mails'], 2],
      [['--status', 'running'], 1],
      [['--type', 'csv'], 1],
      [['--type', 'mail', '--status', 'finished'], 4],
      [['--job', 'second'], 1],
      [['--job', 'first'], 0],
      [['--batch', 'mails', '--limit', '2'], 2],
    ];
    for (const [args, count] of filters)
      it(`TEM-71: list ${args.join(' ')} lets through what fits`, async () => {
        const { programs } = await cli.json(JSON_SCHEMAS.list, 'list', ...args);
        expect(programs).to.have.length(count);
      });

    it('TEM-71: list as text has a column for each thing, and cuts long errors', async () => {
      const error = `${'long '.repeat(40)}\n\u001B[2Jend`;
      const options = { retry: { maxAttempts: 3 } };
      await cli.rows.program({ state: 'errored', runId: 'long', error, jobs: ['loud'], options });
      const [head = '', row = ''] = (await cli.text('list', '--job', 'loud')).split('\n');
      expect(head.split(/ {2,}/)).to.deep.equal([
        'ID',
        'Batch',
        'Job',
        'Status',
        'Attempts',
        'Created',
        'Ended',
        'Error',
      ]);
      expect(row).to.match(/^long +- +loud +errored +0\/3 +\S+Z +\S+Z +long long .*…$/);
      expect(row.length).to.be.lessThan(200);
    });

    it('TEM-71: list says so when nothing fits, and that is no failure', async () => {
      expect(await cli.text('list', '--batch', 'later')).to.equal(
        'No programs found matching the criteria.\n',
      );
    });

    it('TEM-72: list refuses a status that there is not', async () => {
      const { code, stderr } = await cli.run('list', '--status', 'done');
      expect(code).to.equal(2);
      expect(stderr)
        .to.include("'done' is invalid")
        .and.include('waiting, running, finished, errored, cancelled');
    });

    it('TEM-73: watch wants a batch, and refuses a number that is none', async () => {
      for (const args of [
        [],
        ['--interval', 'x', '--latest'],
        ['--timeout', '0', '--latest'],
        ['mails', '--latest'],
      ])
        expect((await cli.run('watch', ...args)).code, args.join(' ')).to.equal(2);
      expect((await cli.run('watch', 'nothing')).code).to.equal(1);
    });

    it('TEM-74: watch follows a batch that a worker runs to its end, also one that ends with failures', async () => {
      const executor = ProgramExecutor.create({ knex: cli.rows.knex, tableName: cli.rows.table });
      const gates = [gate(), gate(), gate()];
      const execute: Execute = async ({ jobs: [job], ...message }) => {
        const { number } = message.programData as { number: number };
        await gates[number]?.opened;
        if (number === 1) throw new Error(`${job} ${number} not found`);
      };
      const batch = await executor.batches.create({ code: 'watched' });
      const programs = gates.map((_, number) => ({ jobs: ['page'], programData: { number } }));
      await executor.batches.addPrograms(batch, programs);
      const worker = await executor.processPrograms(job('page', execute), { concurrency: 3 });
      const args = cli.args('watch', 'watched', '--interval', '0.2', '--json');
      const child = spawn(process.execPath, [MAIN, ...args], { env: plainEnv(), cwd: temporaryFolder() });
      const closed = once(child, 'close');
      const lines: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        lines.push(line);
        const { batch: seen } = JSON.parse(line) as { batch: { counts: Record<string, number> } };
        // One ends after each look that shows the one before as ended, and the others as running.
        const ended = Number(seen.counts['finished']) + Number(seen.counts['errored']);
        if (seen.counts['running'] === gates.length - ended) gates[ended]?.open();
      }
      await closed;
      await worker.stop();
      const stats = await executor.batches.stats(batch);
      await executor.close();
      expect(child.exitCode).to.equal(0);
      const end = JSON_SCHEMAS['watch, at the end'].parse(JSON.parse(lines.pop() ?? ''));
      expect(end.batch).to.deep.include({ status: 'failed', counts: stats });
      const looks = lines.map((line) => JSON_SCHEMAS['watch, each look'].parse(JSON.parse(line)));
      expect(
        new Set(looks.map(({ batch: { counts } }) => `${counts.finished} ${counts.errored}`)),
      ).to.include.members(['0 0', '1 0', '1 1', '2 1']);
      const last = looks.at(-1);
      expect(last?.lastErrors.map(({ message }) => message)).to.deep.equal(['page 1 not found']);
      expect(last?.throughputPerSecond).to.be.greaterThan(0);
    });

    it('TEM-74: watch of a batch that had ended before reports at once', async () => {
      const text = await cli.text('watch', 'import', '--interval', '600');
      expect(text)
        .to.match(/completed {2}100\.0% \(1\/1\)/)
        .and.match(/^Batch import$/m);
    });

    it('TEM-75: watch gives up at its timeout', async () => {
      const { code, stdout, stderr } = await cli.run(
        'watch',
        'mails',
        '--timeout',
        '0.5',
        '--interval',
        '0.2',
      );
      expect({ code, stderr }).to.deep.equal({ code: 1, stderr: 'error: Watch timeout reached\n' });
      expect(stdout).to.match(/^\S+Z {2}running {2}70\.0% \(7\/10\)/);
      expect(stdout).to.match(/^ +stuck +hanging at send for 6m/m);
      expect(stdout.match(/^ +error /gm)).to.have.length(3);
    });

    it('TEM-75: watch ends with 130 when it is interrupted', async () => {
      const args = cli.args('watch', 'mails', '--interval', '600');
      const child = spawn(process.execPath, [MAIN, ...args], { env: plainEnv(), cwd: temporaryFolder() });
      const closed = once(child, 'close');
      await once(child.stdout, 'data');
      child.kill('SIGINT');
      await closed;
      expect(child.exitCode).to.equal(130);
    });

    for (const [code, isClaimRecent] of [
      ['hanging', false],
      ['hanging without slots', true],
    ] as const)
      it(`TEM-77: report lists what has been running for more than five minutes: ${code}`, async () => {
        await cli.rows.batch({
          code,
          programs: [
            { state: 'running', runId: `six ${code}`, idleMinutes: 6, isClaimRecent },
            { state: 'running', idleMinutes: 4 },
            { state: 'running', idleMinutes: 6, leaseMs: -1 },
          ],
        });
        const { stuck, batch } = await cli.json(JSON_SCHEMAS['report of a batch'], 'report', code);
        expect(stuck.map(({ runId }) => runId)).to.deep.equal([`six ${code}`]);
        expect(stuck[0]?.stuckForMs).to.be.within(6 * 60_000, 8 * 60_000);
        expect(batch.counts).to.deep.include({ running: 2, waiting: 1 });
        expect(await cli.text('report', code)).to.match(/^ +six .* at send for 6m .*, by host:1:\d+$/m);
      });
  });

describe('the exit codes of the command line', () => {
  it('TEM-76: no arguments, --help and -h help, and that is no failure', async () => {
    for (const args of [[], ['--help'], ['-h'], ['report', '-h']]) {
      const { code, stdout } = await runCli(args, { cwd: temporaryFolder() });
      expect(code, args.join(' ')).to.equal(0);
      expect(stdout).to.match(/^Usage: program-executor/);
    }
  });

  it('TEM-76: what is wrong in the command line exits with 2', async () => {
    for (const args of [
      ['reports'],
      ['report', '--colour'],
      ['report', 'a', 'b'],
      ['list', '--limit', 'ten'],
    ]) {
      const { code, stderr } = await runCli(args, { cwd: temporaryFolder() });
      expect(code, args.join(' ')).to.equal(2);
      expect(stderr).to.match(/^error: /);
    }
  });

  it('TEM-76: a database that is missing exits with 1, and is not made', async () => {
    const cwd = mkdtempSync(join(temporaryFolder(), 'empty-'));
    for (const args of [
      ['report'],
      ['list'],
      ['watch', '--latest'],
      ['doctor'],
      ['show', 'x'],
      ['cancel', 'x'],
    ]) {
      const { code, stderr } = await runCli([...args, '--database-path', 'none.sqlite'], { cwd });
      expect(code, args.join(' ')).to.equal(1);
      expect(stderr).to.equal('error: There is no database file none.sqlite\n');
    }
    expect(readdirSync(cwd)).to.deep.equal([]);
  });

  it('TEM-76: a database without tables exits with 1 and the remedy, and gets none', async () => {
    const file = databasePath();
    writeFileSync(file, '');
    for (const args of [['report'], ['list'], ['watch', '--latest'], ['show', 'x'], ['resume', 'x']]) {
      const [command = '', ...rest] = args;
      const { code, stderr } = await runCli([command, file, ...rest], { cwd: temporaryFolder() });
      expect(code, command).to.equal(1);
      expect(stderr).to.match(
        /^error: The tables of programs are missing .* run program-executor migrate\n$/,
      );
    }
    const { stdout } = await runCli(['migrate', file, '--dry-run'], { cwd: temporaryFolder() });
    expect(stdout).to.include('create table `programs`');
  });
});
