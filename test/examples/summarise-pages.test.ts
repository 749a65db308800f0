import { expect } from 'chai';
import { runExample } from './run-example.js';

describe('the example of pages that are summarised through an API', function () {
  this.timeout(120_000);
  let printed: string;

  before(async () => {
    printed = await runExample('summarise-pages', '300');
  });

  it('finds how much the API bears at once, and runs no more than that', () => {
    const atOnce = Number(/at once +(\d+)/.exec(printed)?.[1]);
    const running = [...printed.matchAll(/(\d+) running/g)].map(([, count]) => Number(count));
    expect(atOnce).to.be.at.least(40);
    expect(Math.max(...running)).to.be.within(1, atOnce);
  });

  it('is interrupted by the outage when half is done, for errors of the server', () => {
    const interrupted = printed.split('\n').findIndex((line) => line.startsWith('interrupted'));
    const lines = printed.split('\n').slice(interrupted - 1);
    expect(lines[1]).to.match(/^interrupted: server_errors, \d+ server errors, the limit is 10$/);
    const [, finished, running] = /^(\d+) of 300 pages, (\d+) running/.exec(lines[0] ?? '') ?? [];
    expect(Number(finished)).to.be.within(150, 299);
    expect(running).to.equal('0');
  });

  it('completes after it was resumed, with one summary of each page', () => {
    expect(printed).to.match(/300 of 300 pages, 0 running, 0 waiting, \d+ retries\ncompleted\n/);
    expect(printed).to.match(/\n300 pages summarised, 0 of them twice\n$/);
  });
});
