import type { LeasePage } from './lease-page.js';
import { slotsOf, type HeldClaim, type LeaseSlot } from './lease-slot.js';

/** A lease as its keeper knows it. */
export interface KeptLease {
  readonly slot: LeaseSlot;
  readonly generation: number;
  readonly claim: HeldClaim;
  /** When the statement was sent that it counts from, by the monotonic clock. */
  sinceMs: number;
  /** It was renewed once. */
  isRenewed: boolean;
  /** It stays so for as long as the claim has its slot. */
  isGivenUp: boolean;
}

/** The keeper's view of all pages, brought up to date whenever it is asked. */
export class KeptLeases {
  readonly #slots: LeaseSlot[] = [];
  /** By the number of the slot. */
  readonly #leases: (KeptLease | undefined)[] = [];

  add(page: LeasePage): void {
    this.#slots.push(...slotsOf(page, this.#slots.length));
  }

  /** All that are held and were not given up. */
  held(): KeptLease[] {
    for (const slot of this.#slots) this.#update(slot);
    return this.#leases.filter((lease) => lease !== undefined).filter(({ isGivenUp }) => !isGivenUp);
  }

  #update(slot: LeaseSlot): void {
    if (this.#leases[slot.number]?.generation !== slot.generation)
      this.#leases[slot.number] = readLease(slot);
  }
}

/** Whether it may still be renewed or lost. */
export function isHeld({ slot, generation, isGivenUp }: KeptLease): boolean {
  return !isGivenUp && slot.generation === generation;
}

function readLease(slot: LeaseSlot): KeptLease | undefined {
  const content = slot.read();
  if (!content) return undefined;
  const { generation, claim, renewedAtMs } = content;
  const sinceMs = renewedAtMs ?? claim.claimedAtMs;
  return { slot, generation, claim, sinceMs, isRenewed: renewedAtMs !== undefined, isGivenUp: false };
}
