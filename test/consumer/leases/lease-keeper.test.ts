import { expect } from 'chai';
import { SLOTS_A_PAGE } from '../../../src/consumer/leases/lease-page.js';
import { monotonicMs } from '../../../src/program/monotonic-clock.js';
import { claimOf, LeaseRig } from './rig.js';

/** So long that a busy machine expires nothing in tests of something else. */
const LEASE_MS = 800;
const SHORT_LEASE_MS = 200;
const LONG_LEASE_MS = 3_200;

describe('lease keeper', () => {
  let rig: LeaseRig;
  beforeEach(() => (rig = new LeaseRig()));
  afterEach(() => rig.close());

  it('renews what is held, by id, fence and token', async () => {
    rig.start(LEASE_MS);
    rig.hold(claimOf(7, { fence: 3, claimedBy: 'host:1:token' }));
    const { claims } = await rig.renewal(0);
    expect(claims[0]).to.include({ id: 7, fence: 3, claimedBy: 'host:1:token' });
  });

  it('is closed, also while a renewal is never answered', async () => {
    const keeper = rig.start(SHORT_LEASE_MS);
    rig.hold(claimOf(1));
    await rig.renewal(0);
    await keeper.close();
  });

  it('renews nothing that was released', async () => {
    rig.start(LEASE_MS);
    const first = rig.hold(claimOf(1));
    rig.hold(claimOf(2));
    first.release();
    expect((await rig.renewal(0)).ids).to.deep.equal([2]);
  });

  it('renews more claims than a page has slots', async () => {
    rig.start(LEASE_MS);
    const ids = Array.from({ length: 2 * SLOTS_A_PAGE + 1 }, (_, index) => index + 1);
    for (const id of ids) rig.hold(claimOf(id));
    expect((await rig.renewal(0)).ids).to.have.members(ids);
  });

  it('tells of the first renewal only', async () => {
    rig.start(LEASE_MS);
    rig.hold(claimOf(1));
    (await rig.renewal(0)).grant();
    (await rig.renewal(1)).grant();
    await rig.renewal(2);
    expect(rig.heard).to.deep.equal(['1 renewed']);
  });

  it('tells of a refused renewal once, and asks for it no more', async () => {
    rig.start(LEASE_MS);
    rig.hold(claimOf(1));
    rig.hold(claimOf(2));
    (await rig.renewal(0)).grant([2]);
    expect((await rig.renewal(1)).ids).to.deep.equal([2]);
    expect(rig.heard).to.have.members(['1 lost: refused', '2 renewed']);
  });

  it('says nothing of a claim that is released while its renewal is under way', async () => {
    rig.start(LEASE_MS);
    const lease = rig.hold(claimOf(1));
    const { grant } = await rig.renewal(0);
    lease.release();
    rig.hold(claimOf(2));
    grant([]);
    expect((await rig.renewal(1)).ids).to.deep.equal([2]);
    expect({ heard: rig.heard, reports: rig.reports }).to.deep.equal({ heard: [], reports: [] });
  });

  it('tries again after the database did not answer', async () => {
    rig.start(LEASE_MS);
    rig.hold(claimOf(1));
    (await rig.renewal(0)).fail();
    (await rig.renewal(1)).grant();
    expect(await rig.hears(1)).to.deep.equal(['1 renewed']);
  });

  it('counts the lease from when the claim was sent', async () => {
    rig.start(LEASE_MS);
    rig.hold(claimOf(1, { claimedAtMs: monotonicMs() - LEASE_MS }));
    rig.hold(claimOf(2));
    expect((await rig.renewal(0)).ids).to.deep.equal([2]);
    expect(rig.heard).to.deep.equal(['1 lost: expired']);
  });

  it('counts the lease from when the last successful renewal was sent', async () => {
    rig.start(SHORT_LEASE_MS);
    rig.hold(claimOf(1, { claimedAtMs: monotonicMs() + LONG_LEASE_MS }));
    const { grant } = await rig.renewal(0);
    const askedByMs = monotonicMs();
    grant();
    expect(await rig.hears(2)).to.deep.equal(['1 renewed', '1 lost: expired']);
    expect(monotonicMs() - askedByMs).to.be.within(SHORT_LEASE_MS * 0.5, LONG_LEASE_MS);
  });

  it('gives up all at once, also what it had not seen yet, and renews none of it later', async () => {
    const keeper = rig.start(LEASE_MS);
    rig.hold(claimOf(1));
    keeper.giveUp('blocked');
    keeper.giveUp('blocked');
    rig.hold(claimOf(2));
    expect((await rig.renewal(0)).ids).to.deep.equal([2]);
    expect(rig.heard).to.deep.equal(['1 lost: blocked']);
  });

  it('renews none of what it gave up before its holder hears of that', async () => {
    const keeper = rig.start(LEASE_MS);
    rig.leases.report = () => undefined;
    rig.hold(claimOf(1));
    keeper.giveUp('blocked');
    rig.hold(claimOf(2));
    expect((await rig.renewal(0)).ids).to.deep.equal([2]);
  });

  it('says nothing for a claim that it gave up while its renewal was under way', async () => {
    const keeper = rig.start(LEASE_MS);
    rig.hold(claimOf(1));
    const { grant } = await rig.renewal(0);
    keeper.giveUp('blocked');
    grant();
    rig.hold(claimOf(2));
    await rig.renewal(1);
    expect(rig.heard).to.deep.equal(['1 lost: blocked']);
  });

  it('closes when the renewal under way has ended', async () => {
    const keeper = rig.start(LEASE_MS);
    rig.hold(claimOf(1));
    const { grant } = await rig.renewal(0);
    const closed = keeper.close().then(() => rig.heard.push('closed'));
    grant();
    await closed;
    expect(rig.heard).to.deep.equal(['1 renewed', 'closed']);
  });
});

describe('the next lease keeper', () => {
  let rig: LeaseRig;
  beforeEach(() => (rig = new LeaseRig()));
  afterEach(() => rig.close());

  it('takes over all claims, those of new pages among them', async () => {
    await rig.start(LEASE_MS).close();
    rig.hold(claimOf(1));
    rig.start(LEASE_MS);
    const ids = Array.from({ length: SLOTS_A_PAGE }, (_, index) => index + 2);
    for (const id of ids) rig.hold(claimOf(id));
    expect((await rig.renewal(0)).ids).to.have.members([1, ...ids]);
  });

  it('counts from the last renewal of the one before it, and does not tell of it again', async () => {
    const before = rig.start(LONG_LEASE_MS);
    rig.hold(claimOf(1, { claimedAtMs: monotonicMs() - LEASE_MS }));
    (await rig.renewal(0)).grant();
    await rig.hears(1);
    await before.close();
    rig.start(LEASE_MS);
    (await rig.renewal(1)).grant();
    await rig.renewal(2);
    expect(rig.heard).to.deep.equal(['1 renewed']);
  });
});
