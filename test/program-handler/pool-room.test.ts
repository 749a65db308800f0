import { expect } from 'chai';
import fc from 'fast-check';
import { opensAt, roomIn, taking, type Room } from '../../src/program-handler/lines/pool-room.js';
import { hasLimits, toPoolRow } from '../../src/program-handler/lines/pool-row.js';

const NOW_MS = 1_000_000;

const room: fc.Arbitrary<Room> = fc.record({
  limits: fc.record({
    maxParallelism: fc.oneof(fc.nat(10), fc.constant(Infinity)),
    rate: fc.option(
      fc.record({ requests: fc.integer({ min: 1, max: 20 }), windowMs: fc.integer({ min: 1, max: 5_000 }) }),
      { nil: undefined },
    ),
  }),
  running: fc.nat(12),
  level: fc.record({ missing: fc.nat(100_000), atMs: fc.integer({ min: NOW_MS - 10_000, max: NOW_MS }) }),
  heldUntilMs: fc.oneof(fc.constant(0), fc.integer({ min: NOW_MS - 10, max: NOW_MS + 5_000 })),
});

describe('the room of a pool, or of a key', () => {
  it('is what neither its slots nor its tokens nor a hold forbid, and opens at once just where there is some', () => {
    fc.assert(
      fc.property(room, (given) => {
        const free = roomIn(given, NOW_MS);
        expect(free).to.be.at.least(0);
        expect(given.running + free <= Math.max(given.limits.maxParallelism, given.running)).to.equal(true);
        if (given.heldUntilMs > NOW_MS) expect(free).to.equal(0);
        expect(opensAt(given, NOW_MS) === NOW_MS).to.equal(free > 0);
      }),
    );
  });

  it('has some when it opens, and none a moment before', () => {
    fc.assert(
      fc.property(room, (given) => {
        const opens = opensAt(given, NOW_MS);
        if (opens === null) {
          expect(given.running).to.be.at.least(given.limits.maxParallelism);
          return;
        }
        expect(roomIn(given, opens)).to.be.greaterThan(0);
        if (opens > NOW_MS) expect(roomIn(given, opens - 1)).to.equal(0);
      }),
    );
  });

  it('has none left when all of it was taken', () => {
    fc.assert(
      fc.property(room, (given) => {
        const free = roomIn(given, NOW_MS);
        fc.pre(free !== Infinity);
        expect(roomIn(taking(given, free, NOW_MS), NOW_MS)).to.equal(0);
      }),
    );
  });
});

describe('a pool’s row', () => {
  const NULLS = { max_parallelism: null, rate_requests: null, rate_window_ms: null };
  const KEY_NULLS = { key_max_parallelism: null, key_rate_requests: null, key_rate_window_ms: null };
  const row = {
    id: '7',
    name: 'mail',
    missing: '5',
    missing_at: '6',
    held_until: '8',
    ...NULLS,
    ...KEY_NULLS,
  };

  it('has no limits where its columns are null', () => {
    const pool = toPoolRow(row);
    const none = { maxParallelism: Infinity, rate: undefined };
    expect(pool).to.deep.equal({
      id: 7,
      name: 'mail',
      limits: none,
      ofKey: none,
      level: { missing: 5, atMs: 6 },
      heldUntilMs: 8,
    });
    expect(hasLimits(pool)).to.equal(false);
  });

  it('has those that are set, numbers that come as text too, 0 as well', () => {
    const pool = toPoolRow({
      ...row,
      max_parallelism: 0,
      key_rate_requests: '3',
      key_rate_window_ms: '1000',
    });
    expect(pool.limits).to.deep.equal({ maxParallelism: 0, rate: undefined });
    expect(pool.ofKey.rate).to.deep.equal({ requests: 3, windowMs: 1_000 });
    expect(hasLimits(pool)).to.equal(true);
  });
});
