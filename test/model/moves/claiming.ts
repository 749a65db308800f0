import { newToken, withWorker, type Held, type State, type Token, type Worker } from '../state.js';
import { titleOf, type Move, type WorkerMoves } from './move.js';

type Idle = Extract<Worker, { at: 'idle' }>;
type Claiming = Extract<Worker, { at: 'claiming' }>;

/** Finding work: a hint is answered with a claim, and a worker with nothing to do polls. */
export const idleMoves: WorkerMoves<Idle> = (state, worker, index) => [
  ...(state.hasHint ? answersHint(state, index) : []),
  ...polls(worker.pollToken ?? newToken(state), index),
];

function answersHint(state: State, index: number): Move[] {
  const token = newToken(state);
  return [
    {
      title: titleOf(index, 'takes the hint and claims'),
      nature: 'message',
      operation: { kind: 'claimRung', token },
      next: (to, { claimed }) => ({ ...starts(to, index, claimed), hasHint: false }),
    },
    {
      title: titleOf(index, 'takes the hint and claims; the reply is lost'),
      nature: 'chance',
      operation: { kind: 'claimRung', token },
      next: (to) => ({ ...withWorker(to, index, { at: 'claiming', token }), hasHint: false }),
    },
  ];
}

function polls(token: Token, index: number): Move[] {
  return [
    {
      title: titleOf(index, 'polls and claims what is due'),
      nature: 'protocol',
      operation: { kind: 'poll', token },
      next: (to, { claimed }) => starts(to, index, claimed),
    },
    {
      // After a full poll it does not ask first whether something is due.
      title: titleOf(index, 'claims what is due'),
      nature: 'chance',
      operation: { kind: 'claimDue', token },
      next: (to, { claimed }) => starts(to, index, claimed),
    },
    {
      title: titleOf(index, 'polls; the reply is lost'),
      nature: 'chance',
      operation: { kind: 'claimDue', token },
      next: (to) => withWorker(to, index, { at: 'idle', pollToken: token }),
    },
  ];
}

/** A claim that was rung for is repeated until it is answered. */
export const claimingMoves: WorkerMoves<Claiming> = (_, { token }, index) => [
  {
    title: titleOf(index, 'repeats its claim'),
    nature: 'protocol',
    operation: { kind: 'claimRung', token },
    next: (to, { claimed }) => starts(to, index, claimed),
  },
  {
    title: titleOf(index, 'repeats its claim; the reply is lost'),
    nature: 'chance',
    operation: { kind: 'claimRung', token },
    next: (to) => to,
  },
];

function starts(state: State, index: number, claimed: Held | null): State {
  return withWorker(state, index, claimed ? running(claimed) : { at: 'idle', pollToken: null });
}

/** A run at the start of a step. */
export function running(held: Held): Extract<Worker, { at: 'running' }> {
  return {
    at: 'running',
    held,
    decision: null,
    isRefused: false,
    isApplied: false,
    doubt: null,
    loss: null,
  };
}
