import type { HeldClaim } from '../../../src/consumer/leases/lease-slot.js';

/** A claim each of whose fields tells the others. */
export function telltaleClaim(id: number): HeldClaim {
  return { id, fence: id + 1, claimedAtMs: id / 2, claimedBy: String(id % 10).repeat(1 + (id % 255)) };
}
