import { expect } from 'chai';
import { ProgramExecutor, type Logger } from '../../index.js';
import { describeContract, job, withoutBroker } from '../contract/harness.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { thrower } from './hostile-values.js';

const broken = (): never => thrower(new Error('no space left'));
const rejecting = (): void => Promise.reject(new Error('no space left')) as never;

const LOGGERS: Readonly<Record<string, Logger>> = {
  throws: { debug: broken, info: broken, warn: broken, error: broken, isEnabled: broken },
  rejects: { debug: rejecting, info: rejecting, warn: rejecting, error: rejecting },
};

describeContract(
  'loggers',
  (t) => {
    for (const [what, logger] of Object.entries(LOGGERS))
      it(`one that ${what} takes no program along, and no worker`, async () => {
        const executor = t.createExecutor({ logger });
        const library = {
          ...job('logs', (_message, _jobData, context) => context.logger.info('hello')),
          ...job('fails', () => thrower(new Error('as it should'))),
        };
        await t.work(library, {}, executor);
        const finished = await t.run({ jobs: ['logs', 'logs'] });
        expect(finished.finishedAt).to.be.a('date');
        expect(await t.run({ jobs: ['logs', 'fails'] })).to.include({ errorMessage: 'as it should' });
      });
  },
  withoutBroker,
);

describe('a logger that throws', () => {
  it('is told of once, by a warning of the process', async () => {
    const warnings: string[] = [];
    const listener = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
    process.on('warning', listener);
    const executor = ProgramExecutor.create({
      databasePath: `${temporaryFolder()}/loggers.sqlite`,
      logger: LOGGERS['throws']!,
    });
    try {
      await executor.processPrograms(job('a'));
      const isFinished = new Promise((resolve) => executor.once('programFinished', resolve));
      await executor.createProgram({ jobs: ['a', 'a'] });
      await isFinished;
    } finally {
      await executor.close();
      process.off('warning', listener);
    }
    const told = warnings.filter((warning) => warning.startsWith('ProgramExecutorWarning'));
    expect(told).to.deep.equal([
      'ProgramExecutorWarning: The logger failed, and lines are lost: no space left',
    ]);
  });
});
