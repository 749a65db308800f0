import { expect } from 'chai';
import { NonRetryableError, RetryableError } from '../../index.js';
import { describeContract, job } from '../contract/harness.js';

describeContract('logs', (t) => {
  it('WP-3, WP-44, decided otherwise: each line has the level of what it tells; which ones are kept is up to the logger', async () => {
    const fail = job('fail', (_message, _data, { attempt }) => {
      throw attempt === 1
        ? new RetryableError('again', undefined, { retryAfterMs: 1 })
        : new NonRetryableError('no');
    });
    await t.work({ ...job('a'), ...fail }, { unknownJob: 'skip' });
    await t.run({ jobs: ['a', 'unknown', 'fail'] });
    const levelOf = async (action: string) => (await t.log.line(action)).level;
    const actions = ['executing-job', 'job-skipped', 'Consumer error retry', 'Consumer error finish'];
    expect(await Promise.all(actions.map(levelOf))).to.deep.equal(['info', 'warn', 'warn', 'error']);
  });
});
