import type { Claim } from '../../program-handler/index.js';
import { FREE, SLOTS_A_PAGE, TOKEN_UNITS, type LeasePage } from './lease-page.js';

/** A claim whose lease is to be renewed. */
export interface HeldClaim extends Claim {
  /** When the claim was sent, by the monotonic clock: the lease counts from there. */
  readonly claimedAtMs: number;
}

/** What a slot holds. */
export interface SlotContent {
  readonly generation: number;
  readonly claim: HeldClaim;
  /** When the last successful renewal was sent; undefined before the first one. */
  readonly renewedAtMs: number | undefined;
}

/**
 * One thread's view of one slot. A claim's fields are written before its generation and read after it, so
 * the claim that has the slot is read whole. One that loses the slot meanwhile may be read mixed with its
 * successor: its generation has changed then, and should the processor show that late, no row has such an
 * id, fence and token.
 */
export class LeaseSlot {
  /** Counts on over all pages. */
  readonly number: number;
  readonly #page: LeasePage;
  readonly #index: number;
  readonly #token: Uint16Array;

  constructor(page: LeasePage, index: number, number: number) {
    this.number = number;
    this.#page = page;
    this.#index = index;
    this.#token = page.tokens.subarray(index * TOKEN_UNITS, (index + 1) * TOKEN_UNITS);
  }

  get generation(): number {
    return Atomics.load(this.#page.generations, this.#index);
  }

  /** Seen by other threads once this returns. */
  write(generation: number, claim: HeldClaim): void {
    const { ids, fences, claimedAtMs, generations } = this.#page;
    ids[this.#index] = claim.id;
    fences[this.#index] = claim.fence;
    claimedAtMs[this.#index] = claim.claimedAtMs;
    this.#writeToken(claim.claimedBy);
    Atomics.store(generations, this.#index, generation);
  }

  clear(): void {
    Atomics.store(this.#page.generations, this.#index, FREE);
  }

  /** undefined: the slot is free or is changing hands. */
  read(): SlotContent | undefined {
    const { generation } = this;
    if (generation === FREE) return undefined;
    const content = { generation, claim: this.#readClaim(), renewedAtMs: this.renewedAtMs(generation) };
    return this.generation === generation ? content : undefined;
  }

  /** For whoever keeps the lease when this thread has ended. */
  noteRenewal(generation: number, sentAtMs: number): void {
    this.#page.renewedAtMs[this.#index] = sentAtMs;
    Atomics.store(this.#page.renewedGenerations, this.#index, generation);
  }

  /** When the last successful renewal of this claim was sent; undefined before the first one. */
  renewedAtMs(generation: number): number | undefined {
    const { renewedAtMs, renewedGenerations } = this.#page;
    const isMine = Atomics.load(renewedGenerations, this.#index) === generation;
    return isMine ? at(renewedAtMs, this.#index) : undefined;
  }

  #readClaim(): HeldClaim {
    const { ids, fences, claimedAtMs, tokenLengths } = this.#page;
    return {
      id: at(ids, this.#index),
      fence: at(fences, this.#index),
      claimedAtMs: at(claimedAtMs, this.#index),
      claimedBy: String.fromCharCode(...this.#token.subarray(0, at(tokenLengths, this.#index))),
    };
  }

  #writeToken(token: string): void {
    for (let unit = 0; unit < token.length; unit += 1) this.#token[unit] = token.charCodeAt(unit);
    this.#page.tokenLengths[this.#index] = token.length;
  }
}

/** The slots of a page, numbered from here on. */
export function slotsOf(page: LeasePage, firstNumber: number): LeaseSlot[] {
  return Array.from({ length: SLOTS_A_PAGE }, (_, index) => new LeaseSlot(page, index, firstNumber + index));
}

/** The index is that of a slot, so there is a value. */
function at(values: Float64Array | Uint16Array, index: number): number {
  return values[index] as number;
}
