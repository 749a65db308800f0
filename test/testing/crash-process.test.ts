import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { CrashProcess } from '../../src/testing/crash-process.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';

describe('a process of a crash test', () => {
  afterEach(removeTempFolders);

  it('that died while it waited for its order has an end, too', async () => {
    const folder = await tempFolder();
    const waiting = new CrashProcess();
    waiting.kill();
    await waiting.ended;
    const end = await waiting.run({
      jobLibrary: fileURLToPath(new URL('./crash-jobs.js', import.meta.url)),
      program: { jobs: [] },
      runId: 'late',
      databasePath: join(folder, 'late.sqlite'),
      journal: join(folder, 'late.journal'),
      crashAt: undefined,
      workerOptions: {},
      timeoutMs: 1_000,
    });
    expect(end).to.deep.equal({ kind: 'died', isKilled: true, how: 'ended with SIGKILL' });
  });
});
