import { expect } from 'chai';
import { ClaimLane } from '../../src/program-handler/claim-lane.js';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import type { LinedClaims } from '../../src/program-handler/lines/lined-claims.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';

interface Circumstances {
  readonly areLines: boolean;
  /** In no line. */
  readonly found?: ClaimedRow[];
  /** Until the next one is due that waits in no line. */
  readonly dueMs?: number;
}

/** The claims of a worker, and how often it has asked for what waits in no line. */
function claimsWhere({ areLines, found = [], dueMs }: Circumstances) {
  const asked = { claims: 0, due: 0 };
  const dialect = {
    claimDue: () => {
      asked.claims += 1;
      return Promise.resolve(found);
    },
    untilDueMs: () => {
      asked.due += 1;
      return Promise.resolve(dueMs);
    },
  };
  const lined = {
    look: () => Promise.resolve({ isUrgent: false, isReady: areLines }),
    claim: () => Promise.resolve([]),
    untilReadyMs: () => Promise.resolve(undefined),
    expect: () => undefined,
  };
  const options = { workerId: 'me', leaseMs: 60_000, graceMs: 0, batchId: undefined };
  const claims = new ClaimLane(
    dialect as unknown as Dialect,
    lined as unknown as LinedClaims,
    options,
    () => undefined,
  );
  return { claims, asked };
}

describe('what a worker asks about programs that wait in no line', () => {
  it('each time, where there are no lines', async () => {
    const { claims, asked } = claimsWhere({ areLines: false });
    for (let times = 0; times < 3; times += 1) {
      await claims.claimDue(10);
      await claims.untilDueMs();
    }
    expect(asked).to.deep.equal({ claims: 3, due: 3 });
  });

  it('a moment later, where it has lines to ask and none was due', async () => {
    const { claims, asked } = claimsWhere({ areLines: true });
    for (let times = 0; times < 3; times += 1) {
      await claims.claimDue(10);
      expect(await claims.untilDueMs()).to.be.within(1, 50);
    }
    expect(asked).to.deep.equal({ claims: 1, due: 1 });
  });

  it('as soon as one is due, also where that was known before', async () => {
    const { claims, asked } = claimsWhere({ areLines: true, dueMs: 0 });
    for (let times = 0; times < 3; times += 1) await claims.claimDue(10);
    expect(asked.claims).to.equal(3);
    const soon = claimsWhere({ areLines: true, dueMs: 5 }).claims;
    soon.expectDue(5);
    await soon.claimDue(10);
    expect(await soon.untilDueMs()).to.be.within(0, 5);
  });

  it('at once after a hint, and when one of its own is due', async () => {
    const { claims, asked } = claimsWhere({ areLines: true });
    await claims.claimDue(10);
    claims.expectCreated();
    await claims.claimDue(10);
    claims.expectDue(60_000);
    await claims.claimDue(10);
    expect(asked.claims).to.equal(2);
    claims.expectDue(0);
    await claims.claimDue(10);
    expect(asked.claims).to.equal(3);
  });

  it('each time where some were due', async () => {
    const { claims, asked } = claimsWhere({ areLines: true, found: [{ lineId: null } as ClaimedRow] });
    for (let times = 0; times < 3; times += 1) await claims.claimDue(10);
    expect(asked.claims).to.equal(3);
  });
});
