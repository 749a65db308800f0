import { expect } from 'chai';
import { SLOTS_A_PAGE, type LeasePage } from '../../../src/consumer/leases/lease-page.js';
import { Leases } from '../../../src/consumer/leases/leases.js';
import { slotsOf } from '../../../src/consumer/leases/lease-slot.js';
import { claimOf } from './rig.js';

/** Leases with a service that only looks at its pages. */
function watchedLeases() {
  const leases = new Leases();
  const pages: LeasePage[] = [];
  leases.use({ add: (page) => pages.push(page), close: () => Promise.resolve() });
  const slots = () => pages.flatMap((page, index) => slotsOf(page, index * SLOTS_A_PAGE));
  const slotOf = (id: number) => slots().find((each) => each.read()?.claim.id === id)!;
  return {
    leases,
    pages,
    slotOf,
    held: () => slots().flatMap((slot) => slot.read()?.claim ?? []),
    keyOf: (id: number) => ({ slot: slotOf(id).number, generation: slotOf(id).generation }),
  };
}

function listener() {
  const heard: string[] = [];
  return {
    heard,
    onRenewed: () => heard.push('renewed'),
    onLost: (reason: string) => heard.push(reason),
  };
}

describe('leases', () => {
  it('show a claim to their service before anything else runs', () => {
    const { leases, held } = watchedLeases();
    const claim = claimOf(1);
    leases.hold(claim, listener());
    expect(held()).to.deep.equal([claim]);
  });

  it('hide it as soon as it is released', () => {
    const { leases, held } = watchedLeases();
    leases.hold(claimOf(1), listener()).release();
    expect(held()).to.deep.equal([]);
  });

  it('use freed slots again, and a further page only when all are taken', () => {
    const { leases, pages } = watchedLeases();
    for (let round = 0; round < 3; round += 1) {
      const held = Array.from({ length: SLOTS_A_PAGE }, (_, id) => leases.hold(claimOf(id), listener()));
      expect(pages).to.have.lengthOf(1);
      for (const lease of held) lease.release();
    }
    for (let id = 0; id <= SLOTS_A_PAGE; id += 1) leases.hold(claimOf(id), listener());
    expect(pages).to.have.lengthOf(2);
  });

  it('tell a holder of its renewal, then of its loss, then nothing', () => {
    const { leases, held, keyOf } = watchedLeases();
    const holder = listener();
    const lease = leases.hold(claimOf(1), holder);
    const keys = [keyOf(1)];
    leases.report({ kind: 'renewed', keys });
    leases.report({ kind: 'lost', reason: 'refused', keys });
    leases.report({ kind: 'lost', reason: 'expired', keys });
    lease.release();
    expect(holder.heard).to.deep.equal(['renewed', 'refused']);
    expect(held()).to.deep.equal([]);
  });

  it('count from the claim, and then from the last renewal of that very claim', () => {
    const { leases, slotOf } = watchedLeases();
    const [earlier, later] = [claimOf(1), claimOf(2)];
    const lease = leases.hold(earlier, listener());
    expect(lease.sinceMs()).to.equal(earlier.claimedAtMs);
    slotOf(1).noteRenewal(slotOf(1).generation, 7);
    expect(lease.sinceMs()).to.equal(7);
    lease.release();
    expect(leases.hold(later, listener()).sinceMs()).to.equal(later.claimedAtMs);
  });

  it('keep a late report of a claim from the one that has its slot now', () => {
    const { leases, held, keyOf } = watchedLeases();
    const [earlier, later] = [listener(), listener()];
    const lease = leases.hold(claimOf(1), earlier);
    const keys = [keyOf(1)];
    lease.release();
    leases.hold(claimOf(2), later);
    expect(keyOf(2).slot).to.equal(keys[0]?.slot);
    leases.report({ kind: 'lost', reason: 'refused', keys });
    lease.release();
    expect([...earlier.heard, ...later.heard]).to.deep.equal([]);
    expect(held()).to.have.lengthOf(1);
  });

  it('hand everything that is held to the next service', () => {
    const { leases, pages } = watchedLeases();
    for (let id = 0; id <= SLOTS_A_PAGE; id += 1) leases.hold(claimOf(id), listener());
    const handedOn: LeasePage[] = [];
    leases.use({ add: (page) => handedOn.push(page), close: () => Promise.resolve() });
    expect(handedOn).to.deep.equal(pages);
  });
});
