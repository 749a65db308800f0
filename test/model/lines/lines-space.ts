import type { Remembered } from '../remembered.js';
import type { Space } from '../space.js';
import { stateOf } from './decode.js';
import type { Mutation } from './mutations/index.js';
import type { Answer, Encounter } from './operation.js';
import { violationOf, type Happening } from './properties.js';
import { IDLE, type Move, type Moves, type Program, type State } from './state.js';
import { textOf } from './text.js';

/** What is searched. */
export interface LinesModel {
  readonly programs: number;
  readonly workers: number;
  readonly moves: readonly Moves[];
  readonly mutation?: Mutation;
}

/** Programs that wait in a sealed batch, and workers with nothing to do, and all that may come of it. */
export function spaceOf(model: LinesModel, answers: Remembered<Encounter, Answer>): Space<State, Happening> {
  const encounters = function* (states: readonly State[]) {
    for (const { world, ...rest } of states)
      for (const { operation } of movesOf(model, { world, ...rest }))
        if (operation) yield { world, operation };
  };
  return {
    roots: [rootOf(model)],
    textOf,
    stateOf,
    learn: (states) => answers.learn(encounters(states)),
    happenings: (from) => movesOf(model, from).map((move) => happening(from, move, answers)),
    violationOf,
  };
}

function movesOf({ moves, mutation }: LinesModel, state: State): Move[] {
  const all = moves.flatMap((movesOfConcern) => movesOfConcern(state));
  return mutation?.allows ? all.filter(mutation.allows) : all;
}

function happening(from: State, move: Move, answers: Remembered<Encounter, Answer>): Happening {
  const { world } = from;
  const { operation } = move;
  const answer = operation ? answers.to({ world, operation }) : { world, isChanged: false, claimed: null };
  return { from, move, answer, to: move.next({ ...from, world: answer.world }, answer) };
}

const WAITING: Program = {
  ready: 'now',
  due: 'gated',
  fence: 1,
  claimedBy: null,
  lease: 'none',
  isFinished: false,
  isErrored: false,
  isCancelled: false,
};

function rootOf({ programs, workers }: LinesModel): State {
  return {
    world: {
      programs: Array.from({ length: programs }, () => WAITING),
      slots: [],
      turn: 'now',
      isPoolOpen: true,
      batch: { finished: 0, errored: 0, cancelled: 0, isCompleted: false, hasCompleted: false },
      callbacks: 0,
    },
    workers: Array.from({ length: workers }, () => IDLE),
    late: null,
  };
}
