import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { expect } from 'chai';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { MAIN, plainEnv, runCli } from './run-cli.js';

/** More than a pipe holds. */
const TEXT = 'x'.repeat(900_000);

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
