import { expect } from 'chai';
import type { DatabaseAddress } from '../../../src/config/index.js';
import { findSqliteDriver } from '../../../src/config/sqlite-driver.js';
import { startLeases, type Leases } from '../../../src/consumer/leases/index.js';
import type { HeldClaim } from '../../../src/consumer/leases/lease-slot.js';
import { monotonicMs } from '../../../src/program/monotonic-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
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

  async function start(address: DatabaseAddress, leaseMs = LEASE_MS) {
    const logged: string[] = [];
    const log = (action: string) => void logged.push(action);
    leases = await startLeases({
      thread: { address, tableName: 'programs', dialect: 'auto', leaseMs, maxBlockedMs: MAX_BLOCKED_MS },
      leaseMs,
      renew: async (claims) => claims.map(({ id }) => id),
      logger: { debug: log, info: log, warn: log, error: log },
    });
    return { leases, logged };
  }

  it('gives up a claim whose lease nobody renews', async () => {
    const { leases } = await start(NOWHERE);
    expect(await fateOf(leases, claimOf(1))).to.equal('expired');
  });

  it('gives up the claim of a job that blocks the event loop for too long, at once after it was made', async () => {
    const { leases } = await start(NOWHERE);
    const fate = fateOf(leases, claimOf(1, { claimedAtMs: monotonicMs() + FOREVER_MS }));
    blockEventLoop(3 * MAX_BLOCKED_MS);
    expect(await fate).to.equal('blocked');
  });

  it('has the main thread go on with the same claims when it fails', async () => {
    const { leases, logged } = await start(IMPOSSIBLE);
    expect(await fateOf(leases, claimOf(1, { claimedAtMs: monotonicMs() + FOREVER_MS }))).to.equal('renewed');
    expect(logged).to.deep.equal(['lease-thread-failed']);
  });

  it('has loaded, or failed to, before claims may be made, as a short lease could end meanwhile', async () => {
    const { logged } = await start(IMPOSSIBLE);
    expect(logged).to.deep.equal(['lease-thread-failed']);
  });

  it('is not waited for where the lease is a long one', async () => {
    const { logged } = await start(IMPOSSIBLE, FOREVER_MS);
    expect(logged).to.deep.equal([]);
  });

  it('leaves its claims to the main thread when its own connection does not find what the pool finds', async () => {
    const filename = `${temporaryFolder()}/without-programs.sqlite`;
    const { leases, logged } = await start({ kind: 'sqlite', driver: findSqliteDriver(), filename });
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
