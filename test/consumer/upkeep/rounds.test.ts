import { expect } from 'chai';
import { Rounds } from '../../../src/consumer/upkeep/rounds.js';
import { gate } from '../../contract/harness.js';

describe('rounds', () => {
  it('come again after the pause that the last one asked for, and never two at once', async () => {
    const [third, go] = [gate(), gate()];
    let [begun, underWay] = [0, 0];
    const rounds = new Rounds(0, async () => {
      begun += 1;
      underWay += 1;
      expect(underWay).to.equal(1);
      if (begun === 3) {
        third.open();
        await go.opened;
      }
      underWay -= 1;
      return 1;
    });
    await third.opened;
    const stopped = rounds.stop();
    go.open();
    await stopped;
    expect({ begun, underWay }).to.deep.equal({ begun: 3, underWay: 0 });
  });

  it('do not begin when they are stopped before', async () => {
    let begun = 0;
    const rounds = new Rounds(0, () => Promise.resolve((begun += 1)));
    await rounds.stop();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(begun).to.equal(0);
  });

  it('that do not end are waited for no longer than a second', async () => {
    const begun = gate();
    const rounds = new Rounds(0, () => (begun.open(), new Promise(() => undefined)));
    await begun.opened;
    await rounds.stop();
  });
});
