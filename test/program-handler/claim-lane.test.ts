import { expect } from 'chai';
import type { ClaimedProgram } from '../../src/program/program.js';
import { ClaimLane } from '../../src/program-handler/claim-lane.js';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import type { LinedClaims } from '../../src/program-handler/lines/lined-claims.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';
import { allOf } from '../support/all-of.js';

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
    claim: async function* () {
      // They are full.
    },
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

/** Claims of one program from a line, and whatever the database answers about those that wait in none. */
function claimsBeside(plain: () => Promise<ClaimedRow[]>): ClaimLane {
  const lined = {
    look: () => Promise.resolve({ isUrgent: false, isReady: true }),
    async *claim() {
      yield await Promise.resolve([{ runId: 'lined', lineId: 1 }]);
    },
  };
  const options = { workerId: 'me', leaseMs: 60_000, graceMs: 0, batchId: undefined };
  const dialect = { claimDue: plain } as unknown as Dialect;
  return new ClaimLane(dialect, lined as unknown as LinedClaims, options, () => undefined);
}

describe('what a worker has claimed from a line', () => {
  it('runs before the database has said what waits in no line', async () => {
    const claims = claimsBeside(() => new Promise(() => undefined));
    const { value } = await claims.claimDue(10).next();
    expect((value as ClaimedProgram[]).map(({ runId }) => runId)).to.deep.equal(['lined']);
  });

  it('runs also when that question fails', async () => {
    const claims = claimsBeside(() => Promise.reject(new Error('Connection terminated')));
    const claimed: string[] = [];
    const failure = await (async () => {
      for await (const programs of claims.claimDue(10)) claimed.push(...programs.map(({ runId }) => runId));
    })().catch((error: unknown) => error);
    expect({ claimed, failure: String(failure) }).to.deep.equal({
      claimed: ['lined'],
      failure: 'Error: Connection terminated',
    });
  });
});

describe('what a worker asks about programs that wait in no line', () => {
  it('each time, where there are no lines', async () => {
    const { claims, asked } = claimsWhere({ areLines: false });
    for (let times = 0; times < 3; times += 1) {
      await allOf(claims.claimDue(10));
      await claims.untilDueMs();
    }
    expect(asked).to.deep.equal({ claims: 3, due: 3 });
  });

  it('a moment later, where it has lines to ask and none was due', async () => {
    const { claims, asked } = claimsWhere({ areLines: true });
    for (let times = 0; times < 3; times += 1) {
      await allOf(claims.claimDue(10));
      expect(await claims.untilDueMs()).to.be.within(1, 50);
    }
    expect(asked).to.deep.equal({ claims: 1, due: 1 });
  });

  it('as soon as one is due, also where that was known before', async () => {
    const { claims, asked } = claimsWhere({ areLines: true, dueMs: 0 });
    for (let times = 0; times < 3; times += 1) await allOf(claims.claimDue(10));
    expect(asked.claims).to.equal(3);
    const soon = claimsWhere({ areLines: true, dueMs: 5 }).claims;
    soon.expectDue(5);
    await allOf(soon.claimDue(10));
    expect(await soon.untilDueMs()).to.be.within(0, 5);
  });

  it('at once after a hint, and when one of its own is due', async () => {
    const { claims, asked } = claimsWhere({ areLines: true });
    await allOf(claims.claimDue(10));
    claims.expectCreated();
    await allOf(claims.claimDue(10));
    claims.expectDue(60_000);
    await allOf(claims.claimDue(10));
    expect(asked.claims).to.equal(2);
    claims.expectDue(0);
    await allOf(claims.claimDue(10));
    expect(asked.claims).to.equal(3);
  });

  it('each time where some were due', async () => {
    const { claims, asked } = claimsWhere({ areLines: true, found: [{ lineId: null } as ClaimedRow] });
    for (let times = 0; times < 3; times += 1) await allOf(claims.claimDue(10));
    expect(asked.claims).to.equal(3);
  });
});
