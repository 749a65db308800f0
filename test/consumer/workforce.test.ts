import { expect } from 'chai';
import { ProgramExecutor } from '../../index.js';
import { partsOf } from '../../src/executor-parts.js';
import { job } from '../contract/harness.js';
import { silentLogger } from '../support/silent-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('an executor that starts one worker after the other', () => {
  it('keeps none that has stopped', async () => {
    const databasePath = `${temporaryFolder()}/workforce.sqlite`;
    const executor = ProgramExecutor.create({ databasePath, logger: silentLogger });
    try {
      for (let round = 0; round < 3; round += 1) {
        const worker = await executor.processPrograms(job('a'));
        expect([...partsOf(executor)!.workers]).to.deep.equal([worker]);
        await worker.stop();
      }
    } finally {
      await executor.close();
    }
  });
});
