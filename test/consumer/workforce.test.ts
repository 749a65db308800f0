import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProgramExecutor, type Worker } from '../../index.js';
import { job } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { silentLogger } from '../support/silent-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('an executor that starts one worker after the other', () => {
  it('keeps nothing of those that stopped before the last one was started', async () => {
    const databasePath = `${temporaryFolder()}/workforce.sqlite`;
    const executor = ProgramExecutor.create({ databasePath, logger: silentLogger });
    const workers: WeakRef<Worker>[] = [];
    const startAndStop = async (): Promise<void> => {
      const worker = await executor.processPrograms(job('a'));
      workers.push(new WeakRef(worker));
      await worker.stop();
    };
    try {
      for (let round = 0; round < 3; round += 1) await startAndStop();
      await eventually('they are collected', () => {
        collectGarbage();
        return Promise.resolve(workers.slice(0, -1).every((worker) => worker.deref() === undefined));
      });
    } finally {
      await executor.close();
    }
  });
});
