import { createLeasePage, type LeasePage } from './lease-page.js';
import { slotsOf, type HeldClaim, type LeaseSlot } from './lease-slot.js';

/** Generations begin anew after so many claims, long after anybody remembers the first ones. */
const LAST_GENERATION = 0x7fff_ffff;

/** Finds slots for claims, with as many pages as it takes. Belongs to the main thread. */
export class LeaseSlots {
  readonly pages: LeasePage[] = [];
  readonly #onPage: (page: LeasePage) => void;
  readonly #free: LeaseSlot[] = [];
  #slotCount = 0;
  #lastGeneration = 0;

  /** @param onPage hears of each new page before a claim is in it */
  constructor(onPage: (page: LeasePage) => void) {
    this.#onPage = onPage;
  }

  take(claim: HeldClaim): LeaseSlot {
    const slot = this.#free.pop() ?? this.#addPage();
    this.#lastGeneration = (this.#lastGeneration % LAST_GENERATION) + 1;
    slot.write(this.#lastGeneration, claim);
    return slot;
  }

  release(slot: LeaseSlot): void {
    slot.clear();
    this.#free.push(slot);
  }

  #addPage(): LeaseSlot {
    const page = createLeasePage();
    const [first, ...others] = slotsOf(page, this.#slotCount) as [LeaseSlot, ...LeaseSlot[]];
    this.#slotCount += 1 + others.length;
    this.pages.push(page);
    this.#free.push(...others.reverse());
    this.#onPage(page);
    return first;
  }
}
