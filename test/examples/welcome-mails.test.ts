import { expect } from 'chai';
import { runExample } from './run-example.js';

interface Line {
  tenant: string;
  mails: number;
  atOnce: number;
  lastPlace: number;
}

function linesOf(printed: string): Line[] {
  const lines = printed.matchAll(/^(\w+): (\d+) mails, (\d+) at once, the last was number (\d+)$/gm);
  return [...lines].map(([, tenant = '', mails, atOnce, lastPlace]) => ({
    tenant,
    mails: Number(mails),
    atOnce: Number(atOnce),
    lastPlace: Number(lastPlace),
  }));
}

describe('the example of welcome mails by tenant', function () {
  this.timeout(120_000);
  let printed: string;

  before(async () => {
    printed = await runExample('welcome-mails', '300');
  });

  it('sends every mail once, and completes', () => {
    expect(printed).to.include('360 of 360 mails sent\ncompleted\n');
    expect(linesOf(printed).map(({ tenant, mails }) => [tenant, mails])).to.deep.equal([
      ['galaxy', 300],
      ['bakery', 20],
      ['florist', 20],
      ['school', 20],
    ]);
  });

  it('sends no more than 5 at once of a tenant, and as many of the one that has the most', () => {
    const atOnce = linesOf(printed).map((line) => line.atOnce);
    expect(atOnce[0]).to.equal(5);
    expect(Math.max(...atOnce)).to.equal(5);
  });

  it('sends all mails of the small tenants before half of those of the large one, which came first', () => {
    const last = linesOf(printed).map(({ lastPlace }) => lastPlace);
    expect(last[0]).to.equal(360);
    expect(Math.max(...last.slice(1))).to.be.below(60 + 300 / 2);
  });
});
