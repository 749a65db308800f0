/**
 * Claims in memory that threads share, a slot each; a page can be posted as it is. The main thread writes and
 * clears claims, the keeper of the leases reads them and notes renewals; neither waits for the other.
 */
export interface LeasePage {
  /** FREE, or a number that tells a claim from those that had its slot before and will have it after. */
  readonly generations: Int32Array;
  readonly ids: Float64Array;
  readonly fences: Float64Array;
  readonly claimedAtMs: Float64Array;
  readonly tokenLengths: Uint16Array;
  /** UTF-16 units, TOKEN_UNITS a slot. */
  readonly tokens: Uint16Array;
  /** When the last successful renewal was sent. */
  readonly renewedAtMs: Float64Array;
  /** Whose renewal that was. */
  readonly renewedGenerations: Int32Array;
}

export const SLOTS_A_PAGE = 256;
/** A token has 255 characters at most, as its column does, and a character two units. */
export const TOKEN_UNITS = 2 * 255;
/** The generation of a slot without a claim. */
export const FREE = 0;

export function createLeasePage(): LeasePage {
  return {
    generations: new Int32Array(shared(SLOTS_A_PAGE * Int32Array.BYTES_PER_ELEMENT)),
    ids: new Float64Array(shared(SLOTS_A_PAGE * Float64Array.BYTES_PER_ELEMENT)),
    fences: new Float64Array(shared(SLOTS_A_PAGE * Float64Array.BYTES_PER_ELEMENT)),
    claimedAtMs: new Float64Array(shared(SLOTS_A_PAGE * Float64Array.BYTES_PER_ELEMENT)),
    tokenLengths: new Uint16Array(shared(SLOTS_A_PAGE * Uint16Array.BYTES_PER_ELEMENT)),
    tokens: new Uint16Array(shared(SLOTS_A_PAGE * TOKEN_UNITS * Uint16Array.BYTES_PER_ELEMENT)),
    renewedAtMs: new Float64Array(shared(SLOTS_A_PAGE * Float64Array.BYTES_PER_ELEMENT)),
    renewedGenerations: new Int32Array(shared(SLOTS_A_PAGE * Int32Array.BYTES_PER_ELEMENT)),
  };
}

function shared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}
