import { withWorker, type State, type Worker } from '../state.js';
import { claimingMoves, idleMoves } from './claiming.js';
import { titleOf, type Move, type Moves, type WorkerMoves } from './move.js';
import { runningMoves } from './running.js';

/** What the workers do, and their deaths. */
export const workerMoves: Moves = (state) =>
  state.workers.flatMap((worker, index) => [
    ...movesOf(state, worker, index),
    ...(worker.at === 'down' ? [] : [crashes(index)]),
  ]);

function movesOf(state: State, worker: Worker, index: number): Move[] {
  switch (worker.at) {
    case 'down':
      return [starts(index)];
    case 'idle':
      return idleMoves(state, worker, index);
    case 'claiming':
      return claimingMoves(state, worker, index);
    case 'running':
      return runningMoves(state, worker, index);
    case 'lettingGo':
      return lettingGoMoves(state, worker, index);
  }
}

const lettingGoMoves: WorkerMoves<Extract<Worker, { at: 'lettingGo' }>> = (_, worker, index) => [
  {
    title: titleOf(index, 'lets go of its claim'),
    nature: 'protocol',
    operation: { kind: 'letGo', fence: worker.fence, token: worker.token },
    next: (to) => withWorker(to, index, { at: 'idle', pollToken: null }),
  },
];

function crashes(index: number): Move {
  return {
    title: titleOf(index, 'crashes'),
    nature: 'chance',
    next: (to) => withWorker(to, index, { at: 'down' }),
  };
}

function starts(index: number): Move {
  return {
    title: titleOf(index, 'starts again'),
    nature: 'protocol',
    next: (to) => withWorker(to, index, { at: 'idle', pollToken: null }),
  };
}
