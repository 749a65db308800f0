import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { runCli, type CliOptions } from './run-cli.js';

const UNKNOWN = '01900000-0000-7000-8000-000000000000';

/** Runs the command line and parses what it prints. */
async function json(args: readonly string[], options: CliOptions): Promise<any> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], options);
  expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('the command line', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await tempFolder({ 'data.json': '{"to":"you"}', 'job-data.json': '{"b":{"page":1}}' });
  });
  afterEach(removeTempFolders);

  it('creates a program and prints nothing but its runId', async () => {
    const { code, stdout, stderr } = await runCli(['create', '--jobs', 'a,b', '--data', 'data.json'], {
      cwd,
    });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(/^[0-9a-f-]{36}\n$/);
  });

  it('needs no settings: the file is ./program-executor.sqlite', async () => {
    await runCli(['create', '--jobs', 'a'], { cwd });
    expect(existsSync(join(cwd, 'program-executor.sqlite'))).to.equal(true);
  });

  it('creates a program from everything it is given, and shows it', async () => {
    const args = [
      'create',
      '--jobs',
      'a, b',
      '--data',
      '-',
      '--job-data',
      'job-data.json',
      '--run-id',
      'mine',
    ];
    expect(await json(args, { cwd, stdin: '{"to":"me"}' })).to.deep.equal({ runId: 'mine' });
    const program = await json(['show', 'mine'], { cwd });
    expect(program).to.deep.include({
      runId: 'mine',
      jobs: ['a', 'b'],
      programData: { to: 'me' },
      jobData: { b: { page: 1 } },
      finishedAt: null,
      erroredAt: null,
    });
  });

  it('shows a program as text', async () => {
    await runCli(['create', '--jobs', 'a,b', '--data', 'data.json', '--run-id', 'mine'], { cwd });
    const { stdout } = await runCli(['show', 'mine'], { cwd });
    expect(stdout).to.match(/^program +mine$/m);
    expect(stdout).to.match(/^status +unfinished, at job 1 of 2$/m);
    expect(stdout).to.match(/^jobs +\[a\] → b$/m);
    expect(stdout).to.match(/^data +\{"to":"you"\}$/m);
  });

  it('cancels a program with a reason, once', async () => {
    await runCli(['create', '--jobs', 'a', '--run-id', 'mine'], { cwd });
    const cancelled = await runCli(['cancel', 'mine', '--reason', 'not needed'], { cwd });
    expect(cancelled).to.deep.equal({ code: 0, stdout: 'cancelled mine\n', stderr: '' });
    const program = await json(['show', 'mine'], { cwd });
    expect(program.errorMessage).to.equal('not needed');
    const again = await runCli(['cancel', 'mine'], { cwd });
    expect(again.code).to.equal(1);
    expect(again.stderr).to.equal('error: Program mine cannot be cancelled: it is errored already\n');
  });

  it('resumes an errored program only', async () => {
    await runCli(['create', '--jobs', 'a', '--run-id', 'mine'], { cwd });
    const early = await runCli(['resume', 'mine'], { cwd });
    expect(early).to.include({
      code: 1,
      stderr: 'error: Program mine cannot be resumed: it is not errored\n',
    });
    await runCli(['cancel', 'mine'], { cwd });
    expect(await json(['resume', 'mine'], { cwd })).to.deep.equal({ runId: 'mine', resumed: true });
    expect((await json(['show', 'mine'], { cwd })).erroredAt).to.equal(null);
  });

  for (const command of ['show', 'cancel', 'resume'])
    it(`says that there is nothing to ${command}`, async () => {
      await runCli(['migrate'], { cwd });
      const { code, stderr } = await runCli([command, UNKNOWN], { cwd });
      expect({ code, stderr }).to.deep.equal({
        code: 1,
        stderr: `error: Program not found for ${UNKNOWN}.\n`,
      });
    });

  it('takes no name for a word of the database', async () => {
    await runCli(['migrate'], { cwd });
    const { stderr } = await runCli(['why', 'no such table x'], { cwd });
    expect(stderr).to.equal('error: Program not found for no such table x.\n');
    const pool = await runCli(['pause', '--pool', 'no such table x'], { cwd });
    expect(pool.stderr).to.match(/^error: There is no pool "no such table x"/);
  });

  it('prints the SQL of a migration without running it, then runs it, then has nothing to do', async () => {
    const planned = await json(['migrate', '--dry-run'], { cwd });
    expect(planned.dryRun).to.equal(true);
    expect(planned.statements.join('\n')).to.match(/create table [`"]programs[`"]/i);
    const { stdout: sql } = await runCli(['migrate', '--dry-run'], { cwd });
    expect(sql).to.match(/create table [`"]programs[`"][^;]*;$/im);
    expect(await json(['migrate'], { cwd })).to.deep.equal({ ...planned, dryRun: false });
    expect((await runCli(['migrate'], { cwd })).stdout).to.equal('-- nothing to do\n');
  });

  it('takes the settings of the environment and of flags', async () => {
    const env = { DATABASE_URL: 'sqlite:./env.sqlite', PE_TABLE: 'from_env' };
    expect((await json(['migrate'], { cwd, env })).statements[0]).to.include('from_env');
    expect((await json(['migrate', '--table', 'flagged'], { cwd, env })).statements[0]).to.include('flagged');
    await runCli(['--database-path', 'flag.sqlite', 'create', '--jobs', 'a'], { cwd, env });
    expect([existsSync(join(cwd, 'env.sqlite')), existsSync(join(cwd, 'flag.sqlite'))]).to.deep.equal([
      true,
      true,
    ]);
  });

  it('plans the tables of a file that is not there, and does not make it', async () => {
    const { stdout } = await runCli(['migrate', 'new.sqlite', '--dry-run'], { cwd });
    expect(stdout).to.include('create table `programs`');
    expect(existsSync(join(cwd, 'new.sqlite'))).to.equal(false);
  });

  it('takes the database as the first argument', async () => {
    await runCli(['create', 'first.sqlite', '--jobs', 'a', '--run-id', 'mine'], { cwd });
    expect(await json(['show', 'sqlite:first.sqlite', 'mine'], { cwd })).to.include({ runId: 'mine' });
    expect(existsSync(join(cwd, 'program-executor.sqlite'))).to.equal(false);
  });

  it('takes the settings of a configuration file', async () => {
    const folder = await tempFolder({
      'program-executor.config.mjs': `export default { databasePath: './conf.sqlite', tableName: 'from_file' }`,
    });
    expect((await json(['migrate'], { cwd: folder })).statements[0]).to.include('from_file');
    expect(existsSync(join(folder, 'conf.sqlite'))).to.equal(true);
  });

  const usage: [what: string, args: string[], expectation: string][] = [
    ['an unknown command', ['crate'], "unknown command 'crate'"],
    ['an unknown flag', ['show', 'x', '--verbose'], "unknown option '--verbose'"],
    ['a missing argument', ['show'], "missing required argument 'runId'"],
    ['a missing flag', ['create'], "required option '--jobs <names>'"],
    ['an empty job name', ['create', '--jobs', 'a,,b'], '--jobs: expected names'],
    ['a file that is missing', ['create', '--jobs', 'a', '--data', 'no.json'], '--data: ENOENT'],
    ['a wrong table name', ['migrate', '--table', 'a;b'], 'tableName: expected'],
    ['a wrong URL', ['migrate', '--database-url', 'oracle://u:secret@db/x'], '--database-url: unknown kind'],
    [
      'a URL as the path',
      ['list', '--database-path', 'postgres://u:secret@db/x'],
      '--database-path: expected a file: use --database-url',
    ],
    ['a URL as a path by its end', ['list', './a://u:secret@db/x.db'], 'use --database-url'],
    ['a wrong number', ['worker', '--jobs', '.', '--processes', 'many'], '--processes'],
    ['no processes', ['worker', '--jobs', '.', '--processes', '0'], 'worker.processes: expected'],
    ['no jobs', ['worker'], '--jobs: name the file or folder'],
    ['a folder without jobs', ['worker', '--jobs', '.'], 'No job found in .'],
    ['a missing configuration', ['migrate', '--config', 'no.mjs'], 'no.mjs'],
  ];
  for (const [what, args, expectation] of usage)
    it(`exits with 2 for ${what}`, async () => {
      const { code, stderr } = await runCli(args, { cwd });
      expect(code).to.equal(2);
      expect(stderr).to.include(expectation).and.not.include('secret').and.not.include('    at ');
    });

  const mistyped: [args: string[], message: string][] = [
    [['crate'], "unknown command 'crate' (Did you mean create?)"],
    [['show', 'x', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
    [['show'], "missing required argument 'runId'"],
    [['list', '--limit', 'ten'], "option '--limit <n>' argument 'ten' is invalid. Expected a number."],
    [['--table', 't'], 'expected a command: see --help'],
    [['help', 'crate'], 'expected a command: see --help'],
  ];
  for (const [args, message] of mistyped)
    it(`says in one line, or as one JSON object, what is wrong in: ${args.join(' ')}`, async () => {
      expect(await runCli(args, { cwd })).to.deep.equal({
        code: 2,
        stdout: '',
        stderr: `error: ${message}\n`,
      });
      const { code, stdout, stderr } = await runCli([...args, '--json'], { cwd });
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(JSON.parse(stderr)).to.deep.equal({ error: { message } });
    });

  const credentials = 'me:s3cret/P@W';
  const slips: [args: string[], said: string][] = [
    [[`postgres://${credentials}@127.0.0.1:1/x`, 'report'], 'postgres://…@127.0.0.1:1/x'],
    [['report', `--database=postgres://${credentials}@db/x`], 'postgres://…@db/x'],
    [['list', `oracle://${credentials}@db`], '--database-url: not a URL'],
    [['list', '--limit', `mysql://${credentials}@db/x`], 'mysql://…@db/x'],
  ];
  for (const [args, said] of slips)
    it(`keeps a password to itself that stands in the wrong place: ${said}`, async () => {
      for (const more of [[], ['--json']]) {
        const { code, stdout, stderr } = await runCli([...args, ...more], { cwd, env: { DEBUG: 'x' } });
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
        expect(stderr)
          .to.include(said)
          .and.not.match(/me:|s3cret|P@W/);
      }
    });

  it('does not repeat what a data file holds', async () => {
    const folder = await tempFolder({ 'data.json': '{"card": secret}' });
    const { code, stderr } = await runCli(['create', '--jobs', 'a', '--data', 'data.json'], { cwd: folder });
    expect({ code, stderr }).to.deep.equal({
      code: 2,
      stderr: 'error: --data: data.json does not hold a JSON object\n',
    });
  });

  it('exits with 1 and one line that says why when the database is away', async () => {
    const env = { DATABASE_URL: 'postgres://u:secret@127.0.0.1:9/app' };
    const { code, stderr } = await runCli(['show', UNKNOWN], { cwd, env });
    expect(code).to.equal(1);
    expect(stderr)
      .to.match(/^error: [^\n]+ the database did not answer for \d+ ms: connect ECONNREFUSED [^\n]+\n$/)
      .and.not.include('secret');
  }).timeout(30_000);

  it('prints errors as JSON for programs, and their stack for DEBUG', async () => {
    await runCli(['migrate'], { cwd });
    const asJson = await runCli(['show', UNKNOWN, '--json'], { cwd });
    expect(JSON.parse(asJson.stderr)).to.deep.equal({
      error: { code: 'PE_PROGRAM_NOT_FOUND', message: `Program not found for ${UNKNOWN}.` },
    });
    const debug = await runCli(['show', UNKNOWN], { cwd, env: { DEBUG: 'x' } });
    expect(debug.stderr).to.include('    at ');
  });

  it('says for DEBUG in which line a job file went wrong', async () => {
    const files = { 'jobs/a.mjs': 'import "../limits.mjs";', 'limits.mjs': '\n  undefined.limit;' };
    const folder = await tempFolder(files);
    const { stderr } = await runCli(['worker', '--jobs', 'jobs'], { cwd: folder, env: { DEBUG: 'x' } });
    expect(stderr)
      .to.include('caused by: TypeError: ')
      .and.match(/limits\.mjs:2:\d+/);
  });

  it('helps, with exit code 0', async () => {
    const { code, stdout } = await runCli(['worker', '--help'], { cwd });
    expect(code).to.equal(0);
    for (const text of ['--grace <seconds>', '143 (SIGTERM)', '--database-url', '--json'])
      expect(stdout).to.include(text);
    expect((await runCli(['--version'], { cwd })).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });
});
