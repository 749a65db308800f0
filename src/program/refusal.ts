import type { Transition } from './transition.js';

/** The columns of a row that say who may write it and how far it is. */
export interface RowState {
  readonly id: number;
  readonly fence: number;
  readonly claimedBy: string | null;
  readonly step: number;
  readonly finished: boolean;
  readonly errored: boolean;
}

/** Why a claim holds no longer. */
export type ClaimEnd = 'cancelled' | 'deleted' | 'lost';

type Guarded = Pick<Transition, 'id' | 'fence' | 'claimedBy'>;

/**
 * Reads, from the row as it is now, why a write that keeps the step was refused. `held`: it was cancelled by
 * hand just then and un-cancelled since, so the write is still to be done.
 */
export function explainRefusal(write: Guarded, row: RowState | undefined): ClaimEnd | 'held' {
  if (!row) return 'deleted';
  if (row.errored) return 'cancelled';
  return row.fence === write.fence && row.claimedBy === write.claimedBy && !row.finished ? 'held' : 'lost';
}

/** The same for a transition: it may be visible already, when only the reply to it was lost. */
export function explainRefusedTransition(
  change: Transition,
  row: RowState | undefined,
): ClaimEnd | 'alreadyApplied' {
  if (!row) return 'deleted';
  if (row.fence === change.fence && isVisible(change, row)) return 'alreadyApplied';
  return row.errored ? 'cancelled' : 'lost';
}

function isVisible(change: Transition, row: RowState): boolean {
  return (
    row.step === change.nextStep &&
    row.claimedBy === (change.release ? null : change.claimedBy) &&
    row.finished === (change.end === 'finished') &&
    row.errored === (change.end === 'errored')
  );
}
