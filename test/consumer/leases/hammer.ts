/** A thread that gives the slots of its page to one claim after the other, as fast as it can. */
import { workerData } from 'node:worker_threads';
import { FREE, type LeasePage } from '../../../src/consumer/leases/lease-page.js';
import { slotsOf } from '../../../src/consumer/leases/lease-slot.js';
import { telltaleClaim } from './telltale-claim.js';

const { page, claimCount } = workerData as { page: LeasePage; claimCount: number };
const slots = slotsOf(page, 0).slice(0, 2);
for (let id = FREE + 1; id <= claimCount; id += 1) {
  const slot = slots[id % slots.length]!;
  slot.clear();
  slot.write(id, telltaleClaim(id));
}
