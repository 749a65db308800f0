import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { CrashOrder } from '../../src/testing/crash-order.js';
import { CrashProcess } from '../../src/testing/crash-process.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';

function orderIn(folder: string, runId: string): CrashOrder {
  return {
    jobLibrary: fileURLToPath(new URL('./crash-jobs.js', import.meta.url)),
    program: { jobs: [] },
    runId,
    databasePath: join(folder, `${runId}.sqlite`),
    journal: join(folder, `${runId}.journal`),
    crashAt: undefined,
    workerOptions: {},
    timeoutMs: 30_000,
  };
}

describe('a process of a crash test', () => {
  afterEach(removeTempFolders);

  it('leaves nothing open, though what a job has started lives on and holds its standard error', async () => {
    const folder = await tempFolder({
      'jobs.mjs': `
        import { spawn } from 'node:child_process';
        export const parent = { name: 'parent', execute: () => ({ pid: spawn(process.execPath,
          ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'inherit' }).pid }) };
        export const last = { name: 'last', execute(message, data, { results }) {
          throw new Error(String(results.parent.pid)); } };`,
    });
    const pipes = (): number =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'PipeWrap').length;
    const before = pipes();
    const end = await new CrashProcess().run({
      ...orderIn(folder, 'held'),
      jobLibrary: join(folder, 'jobs.mjs'),
      program: { jobs: ['parent', 'last'] },
    });
    const pid = end.kind === 'ended' ? end.program.errorMessage : undefined;
    expect(pid).to.match(/^\d+$/);
    process.kill(Number(pid), 'SIGKILL');
    expect(pipes()).to.equal(before);
  });

  it('that died while it waited for its order has an end, too', async () => {
    const folder = await tempFolder();
    const waiting = new CrashProcess();
    waiting.kill();
    await waiting.ended;
    const end = await waiting.run({ ...orderIn(folder, 'late'), timeoutMs: 1_000 });
    expect(end).to.deep.equal({ kind: 'died', isKilled: true, how: 'ended with SIGKILL' });
  });
});
