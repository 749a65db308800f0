import { expect } from 'chai';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import { sqlTermsOf } from '../../src/program-handler/dialects/sql-terms.js';
import type { HouseKeeping } from '../../src/program-handler/lines/house-keeping.js';
import { lineTables } from '../../src/program-handler/lines/line-tables.js';
import { LinedClaims } from '../../src/program-handler/lines/lined-claims.js';
import { tablesOf } from '../../migrations/index.js';

/** The claims of a worker, and how often they have asked: whether there are lines, and when one is ready. */
function claimsWhere({ areLines, waitMs }: { areLines: boolean; waitMs: number | null }) {
  const asked = { lines: 0, ready: 0 };
  const dialect = {
    read: () => {
      asked.lines += 1;
      return Promise.resolve(areLines ? [{ found: 1 }] : []);
    },
    survey: () => {
      asked.ready += 1;
      return Promise.resolve([{ wait_ms: waitMs }]);
    },
  };
  const house = {
    keep: () => Promise.resolve(),
    untilSlotFreeMs: () => Promise.resolve(undefined),
    forget: () => undefined,
  };
  const tables = lineTables(tablesOf('programs'), sqlTermsOf('sqlite3'));
  const options = { lookMs: 60_000, batchId: undefined };
  const claims = new LinedClaims(
    dialect as unknown as Dialect,
    tables,
    house as unknown as HouseKeeping,
    options,
  );
  return { claims, asked };
}

describe('what a worker asks about lines', () => {
  it('whether there are any: at its start, at its first hint at once, and not at each that follows', async () => {
    const { claims, asked } = claimsWhere({ areLines: false, waitMs: null });
    await claims.untilReadyMs();
    await claims.untilReadyMs();
    expect(asked.lines).to.equal(1);
    claims.expect();
    await claims.untilReadyMs();
    expect(asked.lines).to.equal(2);
    claims.expect();
    // It asks a moment later.
    expect(await claims.untilReadyMs()).to.be.within(1, 100);
    expect(asked.lines).to.equal(2);
  });

  it('when one is ready: once for polls that follow each other, and again after a hint', async () => {
    const { claims, asked } = claimsWhere({ areLines: true, waitMs: 60_000 });
    expect(await claims.untilReadyMs()).to.equal(60_000);
    // Not so long any more: what has ended since may have made room.
    expect(await claims.untilReadyMs()).to.be.within(0, 50);
    expect(asked.ready).to.equal(1);
    claims.expect();
    expect(await claims.untilReadyMs()).to.equal(60_000);
    expect(asked.ready).to.equal(2);
  });

  it('when one is ready: each time where one is', async () => {
    const { claims, asked } = claimsWhere({ areLines: true, waitMs: 0 });
    expect(await claims.untilReadyMs()).to.equal(0);
    expect(await claims.untilReadyMs()).to.equal(0);
    expect(asked.ready).to.equal(2);
  });
});
