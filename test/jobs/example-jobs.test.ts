import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { knownJobs, loadJobs } from '../../src/jobs/index.js';

const FOLDER = fileURLToPath(new URL('../../examples/jobs', import.meta.url));

describe('the example jobs', () => {
  it('can be loaded as a folder', async () => {
    expect(knownJobs(await loadJobs(FOLDER))).to.deep.equal(['PrintReport', 'count_words']);
  });
});
