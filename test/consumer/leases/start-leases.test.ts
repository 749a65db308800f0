import { expect } from 'chai';
import type { DatabaseAddress } from '../../../src/config/index.js';
import { startLeases, type Leases } from '../../../src/consumer/leases/index.js';
import type { HeldClaim } from '../../../src/consumer/leases/lease-slot.js';
import { monotonicMs } from '../../../src/program/monotonic-clock.js';
import { claimOf } from './rig.js';

/** Nothing listens there: renewals of the lease thread fail. */
const NOWHERE: DatabaseAddress = {
  kind: 'server',
  client: 'pg',
  connection: { host: '127.0.0.1', port: 1 },
  searchPath: undefined,
};
const IMPOSSIBLE: DatabaseAddress = { ...NOWHERE, client: 'no such client' };
const LEASE_MS = 800;
const MAX_BLOCKED_MS = 500;
const FOREVER_MS = 3_600_000;

describe('lease thread', () => {
  let leases: Leases | undefined;
  afterEach(() => leases?.close());

  function start(address: DatabaseAddress) {
    const logged: string[] = [];
    const log = (action: string) => void logged.push(action);
    leases = startLeases({
      thread: {
        address,
        tableName: 'programs',
        dialect: 'auto',
        leaseMs: LEASE_MS,
        maxBlockedMs: MAX_BLOCKED_MS,
      },
      leaseMs: LEASE_MS,
      renew: async (claims) => claims.map(({ id }) => id),
      logger: { debug: log, info: log, warn: log, error: log },
    });
    return { leases, logged };
  }

  it('gives up a claim whose lease nobody renews', async () => {
    const { leases } = start(NOWHERE);
    expect(await fateOf(leases, claimOf(1))).to.equal('expired');
  });

  it('gives up the claim of a job that blocks the event loop for too long, at once after it was made', async () => {
    const { leases } = start(NOWHERE);
    await fateOf(leases, claimOf(1));
    const fate = fateOf(leases, claimOf(2, { claimedAtMs: monotonicMs() + FOREVER_MS }));
    blockEventLoop(3 * MAX_BLOCKED_MS);
    expect(await fate).to.equal('blocked');
  });

  it('has the main thread go on with the same claims when it fails', async () => {
    const { leases, logged } = start(IMPOSSIBLE);
    expect(await fateOf(leases, claimOf(1, { claimedAtMs: monotonicMs() + FOREVER_MS }))).to.equal('renewed');
    expect(logged).to.deep.equal(['lease-thread-failed']);
  });
});

/** Resolves with what the holder of a claim, made now, hears of it first. */
function fateOf(leases: Leases, claim: HeldClaim): Promise<string> {
  return new Promise((resolve) => {
    leases.hold(claim, { onRenewed: () => resolve('renewed'), onLost: resolve });
  });
}

function blockEventLoop(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}
