import type { Answers } from './answers.js';
import { decode } from './decode.js';
import { encode } from './encode.js';
import type { Move, Moves } from './moves/move.js';
import type { Mutation } from './mutations/index.js';
import type { Answer, Encounter } from './operation.js';
import { violationOf, type Happening } from './properties.js';
import type { Space } from './space.js';
import type { Row, State } from './state.js';

/** What is searched. */
export interface Model {
  readonly roots: readonly State[];
  readonly moves: readonly Moves[];
  readonly mutation?: Mutation;
  /** What of a program is not followed here, so that the rest can be followed further. */
  readonly without?: Partial<Pick<Row, 'lostCount' | 'stepRetryCount'>>;
}

/** The states of a model, with moves to which a database answers. */
export function spaceOf(model: Model, answers: Answers): Space<State, Happening> {
  return {
    roots: model.roots,
    textOf: (state) => textOf(model, state),
    stateOf: decode,
    learn: (states) => answers.learn(encountersOf(model, states)),
    happenings: (state) => happenings(model, answers, state),
    violationOf,
  };
}

/** The text of a state, without what the model does not follow. */
function textOf({ without }: Model, state: State): string {
  if (!without) return encode(state);
  const workers = state.workers.map((worker) =>
    worker.at === 'running' ? { ...worker, held: { ...worker.held, ...without } } : worker,
  );
  return encode({ ...state, row: state.row && { ...state.row, ...without }, workers });
}

/** Its statements have to be learnt before. */
function happenings(model: Model, answers: Answers, from: State): Happening[] {
  return movesOf(model, from).map((move) => {
    const answer = answerTo(model, answers, from, move);
    return { from, move, answer, to: move.next({ ...from, row: answer.row }, answer) };
  });
}

function* encountersOf(model: Model, states: readonly State[]): Generator<Encounter> {
  for (const state of states)
    for (const { operation } of movesOf(model, state))
      if (operation) yield meeting(model, { row: state.row, operation });
}

function movesOf({ moves, mutation }: Model, state: State): Move[] {
  const all = moves.flatMap((movesOfConcern) => movesOfConcern(state));
  return mutation?.allows ? all.filter(mutation.allows) : all;
}

function answerTo(model: Model, answers: Answers, { row }: State, { operation }: Move): Answer {
  if (!operation) return { row, isChanged: false, claimed: null, seen: undefined };
  const encounter = { row, operation };
  const answer = answers.to(meeting(model, encounter));
  return model.mutation?.means?.(answer, encounter) ?? answer;
}

function meeting({ mutation }: Model, encounter: Encounter): Encounter {
  return mutation?.meets?.(encounter) ?? encounter;
}
