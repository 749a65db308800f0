import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Random bytes of one id. */
const BYTES = 16;
/** Drawn for so many ids at once: one by one, that is most of what an id takes. */
const pool = Buffer.alloc(256 * BYTES);
let used = pool.length;

/** The moment of the last id, and its place among those of that moment; uuid counts only where it draws itself. */
let msecs = 0;
let seq = 0;

/** A new UUID v7, greater than those before it in this process. */
export function newRunId(): string {
  const random = randomBytes();
  const nowMs = Date.now();
  if (nowMs > msecs) {
    msecs = nowMs;
    // Of 31 bits, so that there is room to count up.
    seq = random.readUInt32BE(0) >>> 1;
  } else seq += 1;
  return v7({ random, msecs, seq });
}

function randomBytes(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += BYTES));
}
