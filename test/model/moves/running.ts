import { explainRefusal } from '../../../src/program/refusal.js';
import { withWorker, type Running } from '../state.js';
import { titleOf, type Move, type WorkerMoves } from './move.js';
import { endingMoves, ended, recordingMoves, refusedMoves } from './recording.js';

/** What a run does, and what its lease keeper does beside it. */
export const runningMoves: WorkerMoves<Running> = (state, run, index) => [
  ...stageMoves(state, run, index),
  ...(run.doubt ? readsWhy(run, index) : []),
  ...(run.loss || run.doubt ? [] : keepsLease(run, index)),
];

const stageMoves: WorkerMoves<Running> = (state, run, index) => {
  if (run.decision !== null) {
    const recording = { ...run, decision: run.decision };
    return (run.isRefused ? refusedMoves : recordingMoves)(state, recording, index);
  }
  if (run.loss) return [abandons(run, index)];
  // The job waits for its data to be saved.
  if (run.doubt === 'jobData') return [];
  return endingMoves(state, run, index);
};

function abandons(run: Running, index: number): Move {
  return {
    title: titleOf(index, 'abandons its job'),
    nature: 'protocol',
    next: (to) => ended(to, index, run),
  };
}

function keepsLease(run: Running, index: number): Move[] {
  const { fence, token } = run.held;
  return [
    {
      title: titleOf(index, 'renews its lease'),
      nature: 'chance',
      operation: { kind: 'renew', fence, token },
      next: (to, { isChanged }) => (isChanged ? to : withWorker(to, index, { ...run, doubt: 'renewal' })),
    },
    {
      title: titleOf(index, 'gives up by its own clock'),
      nature: 'chance',
      next: (to) => withWorker(to, index, { ...run, loss: 'lost' }),
    },
  ];
}

function readsWhy(run: Running, index: number): Move[] {
  const { fence, token } = run.held;
  return [
    {
      title: titleOf(index, `reads why its ${run.doubt === 'renewal' ? 'renewal' : 'data'} was refused`),
      nature: 'protocol',
      operation: { kind: 'read' },
      next: (to, { seen }) => {
        const why = explainRefusal({ id: 1, fence, claimedBy: String(token) }, seen);
        const loss = why === 'cancelled' ? 'cancelled' : 'lost';
        // The data are written again.
        if (run.doubt === 'jobData' && why === 'held') return withWorker(to, index, { ...run, doubt: null });
        return withWorker(to, index, { ...run, doubt: null, loss });
      },
    },
  ];
}
