import { expect } from 'chai';
import fc from 'fast-check';
import { openIn, type BatchRow } from '../../src/program-handler/lines/batch-row.js';
import type { LeftProgram } from '../../src/program-handler/lines/ended-program.js';
import { tallied } from '../../src/program-handler/lines/tally.js';

const NOTHING = { total: 1_000, finished: 0, errored: 0, cancelled: 0, retried: 0 };

const BATCH: BatchRow = {
  id: 1,
  code: 'batch',
  type: null,
  metadata: null,
  criteria: {},
  onComplete: undefined,
  status: 'active',
  isPaused: false,
  counts: NOTHING,
  streaks: { consecutiveErrors: 0, rateLimitHits: 0, serverErrors: 0 },
  erroredBefore: 0,
  isSealed: true,
  createdAtMs: 1_000,
  resumedAtMs: null,
  completedAtMs: null,
  nowMs: 1_500,
};

const left = (how: LeftProgram['left'], message: string | null = null, durationMs = 0): LeftProgram => ({
  runId: 'r',
  batchId: 1,
  left: how,
  message,
  durationMs,
  result: null,
  onComplete: undefined,
});

const ENDS = ['finished', 'errored', 'cancelled'] as const;
const groups = fc.array(
  fc
    .tuple(
      fc.constantFrom(...ENDS, 'retried', 'held', 'waiting'),
      fc.constantFrom('429', '503', 'no'),
      fc.nat(99),
    )
    .map(([how, message, ms]) => left(how, how === 'finished' || how === 'cancelled' ? null : message, ms)),
  { maxLength: 50 },
);

/** The batch as it is after these. */
const after = (batch: BatchRow, group: readonly LeftProgram[]): BatchRow => ({
  ...batch,
  ...tallied(batch, group),
});

describe('tallied', () => {
  it('counts each program that ends once, so that the sum stays', () => {
    fc.assert(
      fc.property(groups, (group) => {
        const { counts } = tallied(BATCH, group);
        const ended = group.filter(({ left: how }) => (ENDS as readonly string[]).includes(how)).length;
        expect(counts.total).to.equal(NOTHING.total);
        expect(openIn(counts)).to.equal(NOTHING.total - ended);
        expect(counts.retried).to.equal(group.filter(({ left: how }) => how === 'retried').length);
      }),
    );
  });

  it('comes to the same in one group as in two', () => {
    fc.assert(
      fc.property(groups, groups, (one, other) => {
        const { counts, streaks } = after(after(BATCH, one), other);
        const together = tallied(BATCH, [...one, ...other]);
        expect({ counts, streaks }).to.deep.equal({ counts: together.counts, streaks: together.streaks });
      }),
    );
  });

  it('sees the longest row of errors within a group, also where a success ends it', () => {
    const row = [left('errored'), left('retried'), left('errored'), left('cancelled'), left('errored')];
    const { streaks, tally } = tallied(BATCH, [...row, left('finished'), left('errored')]);
    expect(tally.consecutiveErrors).to.equal(3);
    expect(streaks.consecutiveErrors).to.equal(1);
  });

  it('goes on with the row of errors that there was before', () => {
    const before = { ...BATCH, streaks: { ...BATCH.streaks, consecutiveErrors: 2 } };
    expect(tallied(before, [left('errored')]).tally.consecutiveErrors).to.equal(3);
  });

  it('counts what failed attempts tell of the service, retried or not, and what was held', () => {
    const group = [
      left('retried', '429'),
      left('errored', '503'),
      left('held', 'later'),
      left('finished', '429'),
      left('waiting', '503'),
    ];
    expect(tallied(BATCH, group).streaks).to.include({ rateLimitHits: 2, serverErrors: 1 });
  });

  it('takes the longest of the attempts that failed, and none that succeeded', () => {
    const group = [left('finished', null, 900), left('retried', 'no', 70), left('errored', 'no', 80)];
    expect(tallied(BATCH, group).tally.longestFailureMs).to.equal(80);
    expect(tallied(BATCH, [left('finished', null, 900)]).tally.longestFailureMs).to.equal(0);
  });

  it('holds errors and runtime against the criteria from the last resume on', () => {
    const counts = { ...NOTHING, errored: 5 };
    expect(tallied({ ...BATCH, counts }, [left('errored')]).tally).to.include({ errored: 6, runtimeMs: 500 });
    const resumed = { ...BATCH, counts, erroredBefore: 5, resumedAtMs: 1_400 };
    expect(tallied(resumed, [left('errored')]).tally).to.include({ errored: 1, runtimeMs: 100 });
  });
});
