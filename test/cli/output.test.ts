import { spawn, type ChildProcessByStdio, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { findSqliteDriver, sqliteClient } from '../../src/config/sqlite-driver.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { BatchRows } from './batch-rows.js';
import { MAIN, plainEnv, runCli } from './run-cli.js';

/** More than a pipe holds. */
const TEXT = 'x'.repeat(900_000);

/** Where the command line has its database unless told otherwise. */
function fileIn(cwd: string): Knex.Config {
  const filename = join(cwd, 'program-executor.sqlite');
  return { client: sqliteClient(findSqliteDriver()), useNullAsDefault: true, connection: { filename } };
}

describe('what the command line prints into a pipe', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await tempFolder();
    const stdin = JSON.stringify({ text: TEXT });
    await runCli(['create', '--jobs', 'a', '--data', '-', '--run-id', 'long'], { cwd, stdin });
  });
  afterEach(removeTempFolders);

  /** Its reader is the test, which reads nothing by itself. */
  function show(): ChildProcessByStdio<null, Readable, null> {
    const args = [MAIN, 'show', 'long'];
    return spawn(process.execPath, args, { cwd, env: plainEnv(), stdio: ['ignore', 'pipe', 'ignore'] });
  }

  for (const args of [
    ['show', 'long'],
    ['show', 'long', '--json'],
  ])
    it(`is whole, however long: ${args.join(' ')}`, async () => {
      const { code, stdout } = await runCli(args, { cwd });
      expect(code).to.equal(0);
      expect(stdout).to.include(TEXT).and.match(/\n$/);
    });

  it('keeps it from its end until it is read, but for Ctrl-C', async () => {
    const child = show();
    const exited = once(child, 'exit');
    await once(child.stdout, 'readable');
    child.kill('SIGINT');
    expect(await exited).to.deep.equal([130, null]);
    child.stdout.destroy();
  });

  it('lets it end with 0 where the reader goes away', async () => {
    const child = show();
    const exited = once(child, 'exit');
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await exited).to.deep.equal([0, null]);
  });
});

describe('output that cannot be written', () => {
  let cwd: string;
  let unwritable: FileHandle;
  beforeEach(async () => {
    cwd = await tempFolder();
    await writeFile(join(cwd, 'unwritable'), '');
    unwritable = await open(join(cwd, 'unwritable'), 'r');
    await runCli(['create', '--jobs', 'a'], { cwd });
  });
  afterEach(async () => {
    await unwritable.close();
    await removeTempFolders();
  });

  for (const args of [['list'], ['list', '--json'], ['watch', 'mails', '--timeout', '60']])
    it(`is an error: ${args.join(' ')}`, async () => {
      const rows = new BatchRows(fileIn(cwd), 'sqlite', 'programs');
      await rows.batch({ code: 'mails', programs: [{ state: 'waiting' }] });
      await rows.knex.destroy();
      const stdio: StdioOptions = ['ignore', unwritable.fd, 'pipe'];
      const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: plainEnv(), stdio });
      const exited = once(child, 'exit');
      const stderr = child.stderr ? await text(child.stderr) : '';
      expect(await exited).to.deep.equal([1, null]);
      expect(stderr).to.match(/The output cannot be written: EBADF/);
    });
});

describe('a batch that is watched', () => {
  let cwd: string;
  let rows: BatchRows;
  beforeEach(async () => {
    cwd = await tempFolder();
    await runCli(['migrate'], { cwd });
    rows = new BatchRows(fileIn(cwd), 'sqlite', 'programs');
    await rows.batch({ code: 'mails', programs: [{ state: 'waiting' }] });
  });
  afterEach(async () => {
    await rows.knex.destroy();
    await removeTempFolders();
  });

  it('is watched no longer once its reader goes away', async () => {
    const args = [MAIN, 'watch', 'mails', '--interval', '0.1', '--json'];
    const child = spawn(process.execPath, args, { cwd, env: plainEnv(), stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = once(child, 'exit');
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await text(child.stderr)).to.equal('');
    expect(await exited).to.deep.equal([0, null]);
  });
});
