import { expect } from 'chai';
import fc from 'fast-check';
import { shareOut, type Asking } from '../../src/program/share-out.js';

const KEYS = ['', 'x', 'y', 'z'];
const asking = fc
  .array(fc.record({ key: fc.constantFrom(...KEYS), priority: fc.integer({ min: 0, max: 3 }) }), {
    maxLength: 12,
  })
  .map((lines) => lines.map((line, index): Asking => ({ ...line, lineId: index + 1 })));
const rooms = fc.record(Object.fromEntries(KEYS.map((key) => [key, fc.nat(20)])));
const total = fc.nat(30);

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** For each line, what it was given. */
function given(lines: readonly Asking[], most: number, roomOf: Record<string, number>): number[] {
  const shares = shareOut(lines, most, (key) => roomOf[key] ?? 0);
  return lines.map(({ lineId }) => shares.get(lineId) ?? 0);
}

describe('sharing out what a pool has left', () => {
  it('gives no key more than its room, and no more in all than there is; nor less than could be given', () => {
    fc.assert(
      fc.property(asking, total, rooms, (lines, most, roomOf) => {
        const shares = given(lines, most, roomOf);
        const asked = KEYS.filter((key) => lines.some((line) => line.key === key));
        for (const key of asked)
          expect(sum(shares.filter((_, index) => lines[index]!.key === key))).to.be.at.most(roomOf[key]!);
        expect(sum(shares)).to.equal(Math.min(most, sum(asked.map((key) => roomOf[key]!))));
      }),
    );
  });

  it('gives lines of one priority, whose keys have room enough, shares that differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), total, (count, most) => {
        const lines = Array.from({ length: count }, (_, index) => ({
          lineId: index,
          key: `${index}`,
          priority: 0,
        }));
        const shares = [...lines.keys()].map((lineId) => shareOut(lines, most, () => 1_000).get(lineId) ?? 0);
        expect(Math.max(...shares) - Math.min(...shares)).to.be.at.most(1);
      }),
    );
  });

  it('gives a lower priority only what a higher one has no room for', () => {
    fc.assert(
      fc.property(asking, total, rooms, (lines, most, roomOf) => {
        const shares = given(lines, most, roomOf);
        const lowest = Math.min(
          ...lines.filter((_, index) => shares[index]! > 0).map(({ priority }) => priority),
        );
        for (const [index, { key, priority }] of lines.entries())
          if (priority > lowest && shares[index] === 0)
            expect(sum(shares.filter((_, other) => lines[other]!.key === key))).to.equal(roomOf[key]);
      }),
    );
  });
});
