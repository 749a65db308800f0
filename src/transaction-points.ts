import type { Dialect, GroupTransaction, ClaimedRow } from './program-handler/index.js';

/** What of a program's way is committed by a transaction of several statements. */
export type TransactionStage = 'claim' | 'record';

/** Called at the edges of the commit; `claimed` has rows where programs of lines were claimed. */
export interface CommitPoints {
  before(stage: TransactionStage): void;
  after(stage: TransactionStage, claimed: readonly ClaimedRow[]): void;
}

/**
 * The same `inTransaction`, with points around the commits by which programs of lines are claimed and leave. Other
 * transactions have none.
 */
export function withCommitPoints(dialect: Dialect, points: CommitPoints): Dialect['inTransaction'] {
  return async (work) => {
    let stage: TransactionStage | undefined;
    const result = await dialect.inTransaction(async (trx) => {
      stage = undefined;
      const done = await work(noting(trx, () => (stage = 'record')));
      if (isClaim(done)) stage = 'claim';
      if (stage) points.before(stage);
      return done;
    });
    if (stage) points.after(stage, isClaim(result) ? result : []);
    return result;
  };
}

/** @param onTransition a step is being recorded */
export function noting(trx: GroupTransaction, onTransition: () => void): GroupTransaction {
  return {
    read: (text, values) => trx.read(text, values),
    run: (text, values) => trx.run(text, values),
    insert: (programs) => trx.insert(programs),
    transition: (changes) => {
      onTransition();
      return trx.transition(changes);
    },
    leave: (changes) => {
      onTransition();
      return trx.leave(changes);
    },
  };
}

function isClaim(done: unknown): done is ClaimedRow[] {
  return (
    Array.isArray(done) && done.some((row) => typeof row === 'object' && row !== null && 'claimedBy' in row)
  );
}
