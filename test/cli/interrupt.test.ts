import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { ProgramExecutor } from '../../index.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { MAIN, plainEnv } from './run-cli.js';

/** Makes the streams of a process look like a terminal, so that it needs none. */
const TERMINAL = `data:text/javascript,
  for (const stream of [process.stdout, process.stderr])
    Object.assign(stream, { isTTY: true, columns: 120, rows: 40 });`;
const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';

describe('Ctrl-C', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await tempFolder();
    const executor = ProgramExecutor.create({ databasePath: `${cwd}/program-executor.sqlite` });
    await executor.batches.create({ code: 'mails' });
    await executor.batches.addPrograms('mails', [{ jobs: ['send'] }]);
    await executor.close();
  });
  afterEach(removeTempFolders);

  it('ends watch on a terminal with exit code 130, and with its cursor shown again', async () => {
    const args = ['--import', TERMINAL, MAIN, 'watch', 'mails', '--interval', '600'];
    const child = spawn(process.execPath, args, { cwd, env: plainEnv() });
    const closed = once(child, 'close');
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await closed).to.deep.equal([130, null]);
    expect(text.lastIndexOf(SHOW_CURSOR)).to.be.greaterThan(text.indexOf(HIDE_CURSOR));
  });
});
