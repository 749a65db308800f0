import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { createLeasePage } from '../../../src/consumer/leases/lease-page.js';
import { slotsOf, type LeaseSlot } from '../../../src/consumer/leases/lease-slot.js';
import { claimOf } from './rig.js';
import { telltaleClaim } from './telltale-claim.js';

/** The same slot as the main thread and the lease thread see it. */
function twoViews(index = 0): [LeaseSlot, LeaseSlot] {
  const page = createLeasePage();
  const viewOf = (each: typeof page) => slotsOf(each, 0)[index]!;
  return [viewOf(page), viewOf(structuredClone(page))];
}

describe('a lease slot', () => {
  const TOKENS = {
    'a host, a pid and a UUID': 'host.example.com:4242:0b0cfd0e-4a53-4d6a-9d1d-0f4f1f6d9a11',
    nothing: '',
    'letters of all kinds': 'ß→東京\u0000\u{1F600}',
    '255 characters': 'x'.repeat(255),
    '255 characters of two units each': '\u{1F600}'.repeat(255),
  };
  for (const [what, claimedBy] of Object.entries(TOKENS))
    it(`shows the other thread a claim whose token is ${what}`, () => {
      const [writer, reader] = twoViews(255);
      const claim = claimOf(Number.MAX_SAFE_INTEGER, { fence: 2 ** 40 + 1, claimedAtMs: 1.0625, claimedBy });
      writer.write(1, claim);
      expect(reader.read()).to.deep.equal({ generation: 1, claim, renewedAtMs: undefined });
    });

  it('shows nothing before it is written and after it is cleared', () => {
    const [writer, reader] = twoViews();
    expect(reader.read()).to.equal(undefined);
    writer.write(1, claimOf(1));
    writer.clear();
    expect(reader.read()).to.equal(undefined);
  });

  it('leaves its neighbours alone', () => {
    const page = createLeasePage();
    const [first, second, third] = slotsOf(page, 0) as [LeaseSlot, LeaseSlot, LeaseSlot];
    const claims = [claimOf(1), claimOf(2), claimOf(3)] as const;
    first.write(1, claims[0]);
    third.write(3, claims[2]);
    second.write(2, { ...claims[1], claimedBy: 'y'.repeat(1_000) });
    second.clear();
    expect([first, second, third].map((slot) => slot.read()?.claim)).to.deep.equal([
      claims[0],
      undefined,
      claims[2],
    ]);
  });

  it('remembers the last renewal of the claim that it holds, and none of an earlier one', () => {
    const [writer, keeper] = twoViews();
    writer.write(1, claimOf(1));
    keeper.noteRenewal(1, 500);
    keeper.noteRenewal(1, 700);
    expect(writer.read()?.renewedAtMs).to.equal(700);
    writer.write(2, claimOf(2));
    expect(writer.read()?.renewedAtMs).to.equal(undefined);
  });

  it('never shows two claims mixed, however fast they change', async () => {
    const page = createLeasePage();
    const workerData = { page, claimCount: 300_000 };
    const hammer = new Worker(new URL('./hammer.js', import.meta.url), { workerData });
    const ended = once(hammer, 'exit');
    const slots = slotsOf(page, 0).slice(0, 2);
    let seen = 0;
    // -1 when it has ended.
    while (hammer.threadId > 0) {
      for (let round = 0; round < 10_000; round += 1) for (const slot of slots) seen += expectWhole(slot);
      await new Promise(setImmediate);
    }
    expect(await ended).to.deep.equal([0]);
    expect(seen).to.be.greaterThan(0);
  });
});

/** Elsewhere a claim that has just lost its slot may be read mixed, as the slot says. */
const SHOWS_STORES_IN_ORDER = process.arch === 'x64';

/** @returns how many claims it saw: 0 or 1 */
function expectWhole(slot: LeaseSlot): number {
  const content = slot.read();
  if (!content) return 0;
  const { generation, claim } = content;
  if (!SHOWS_STORES_IN_ORDER && slot.generation !== generation) return 0;
  const whole = telltaleClaim(generation);
  for (const field of ['id', 'fence', 'claimedAtMs', 'claimedBy'] as const)
    if (claim[field] !== whole[field]) expect(claim).to.deep.equal(whole);
  return 1;
}
