import { expect } from 'chai';
import { describeContract, gate, job } from './harness.js';

describeContract('a transaction that its job did not wait for', (t) => {
  it('leaves the step alone that runs by then', async () => {
    const [isSecondRunning, lateEnd] = [gate(), gate<unknown>()];
    const forgetful = job('forgetful', (_message, _jobData, { transaction }) => {
      const late = isSecondRunning.opened.then(() => transaction(() => Promise.resolve('late')));
      void late.catch((error: unknown) => error).then(lateEnd.open);
    });
    const failing = job('failing', async () => {
      isSecondRunning.open();
      expect(await lateEnd.opened).to.include({ code: 'PE_LEASE_LOST' });
      throw new Error('not done');
    });
    await t.work({ ...forgetful, ...failing });
    const program = await t.run({ jobs: ['forgetful', 'failing'] });
    expect(program).to.include({ step: 1, finishedAt: null, errorMessage: 'not done' });
    expect(await t.outcomes(program.runId)).to.deep.equal(['forgetful succeeded', 'failing failed']);
  });
});
