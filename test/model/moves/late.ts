import { endingsOf } from '../decisions.js';
import { newToken, withWorker, type LateWrite, type Running, type State, type Worker } from '../state.js';
import { titleOf, type Move, type Moves } from './move.js';

/**
 * A statement on its way when its connection broke: the worker gives it up as failed and sends it again, but
 * the database may come upon it at any later time. One at a time.
 */
export const lateMoves: Moves = (state) =>
  state.late ? arrivals(state.late) : state.workers.flatMap((worker, index) => delays(state, worker, index));

function delays(state: State, worker: Worker, index: number): Move[] {
  if (worker.at === 'running') return delayedRecords(worker, index);
  if (worker.at !== 'idle') return [];
  const token = worker.pollToken ?? newToken(state);
  const poll = delayed(index, 'polls; its claim stays on its way', { kind: 'claimDue', token }, (to) =>
    withWorker(to, index, { at: 'idle', pollToken: token }),
  );
  return state.hasHint ? [poll, delayedRungClaim(newToken(state), index)] : [poll];
}

function delayedRungClaim(token: number, index: number): Move {
  return delayed(index, 'takes the hint; its claim stays on its way', { kind: 'claimRung', token }, (to) => ({
    ...withWorker(to, index, { at: 'claiming', token }),
    hasHint: false,
  }));
}

function delayedRecords(run: Running, index: number): Move[] {
  const { held, decision, isRefused, isApplied } = run;
  if (isRefused || (run.loss && decision === null)) return [];
  const endings = decision === null ? endingsOf(held) : [{ title: 'repeats the record', decision }];
  return endings.map((ending) =>
    delayed(
      index,
      `${ending.title}; its record stays on its way: ${ending.decision}`,
      { kind: 'transition', held, decision: ending.decision, isApplied },
      (to) => withWorker(to, index, { ...run, decision: ending.decision }),
    ),
  );
}

function delayed(index: number, title: string, late: LateWrite, next: (state: State) => State): Move {
  return { title: titleOf(index, title), nature: 'chance', next: (to) => ({ ...next(to), late }) };
}

function arrivals(late: LateWrite): Move[] {
  const forget = (to: State): State => ({ ...to, late: null });
  const lost: Move = { title: 'the late statement is lost', nature: 'chance', next: forget };
  if (late.kind !== 'transition') {
    const operation = { kind: late.kind, token: late.token };
    return [lost, { title: 'the late claim arrives', nature: 'chance', operation, next: forget }];
  }
  const { held, decision } = late;
  return [
    lost,
    {
      title: `the late record arrives: ${decision}`,
      nature: 'chance',
      operation: { kind: 'transition', ...held, decision },
      next: (to, { isChanged }) => forget(isChanged ? { ...to, workers: noted(to) } : to),
    },
  ];
}

/** The run that sent it would repeat what has happened. */
function noted({ late, workers }: State): State['workers'] {
  return workers.map((worker) =>
    worker.at === 'running' &&
    late?.kind === 'transition' &&
    worker.decision === late.decision &&
    worker.held.token === late.held.token &&
    worker.held.fence === late.held.fence &&
    worker.held.step === late.held.step
      ? { ...worker, isApplied: true }
      : worker,
  );
}
