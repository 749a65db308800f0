import type { Answers } from './answers.js';
import { decode } from './decode.js';
import { encode } from './encode.js';
import { Graph } from './graph.js';
import type { Move, Moves } from './moves/move.js';
import type { Mutation } from './mutations.js';
import type { Answer, Encounter } from './operation.js';
import { violationOf, type Happening } from './properties.js';
import type { Row, State } from './state.js';

/** What is searched. */
export interface Model {
  readonly roots: readonly State[];
  readonly moves: readonly Moves[];
  readonly mutation?: Mutation;
  /** What of a program is not followed here, so that the rest can be followed further. */
  readonly without?: Partial<Pick<Row, 'lostCount' | 'stepRetryCount'>>;
}

/** What a search found. */
export interface Search {
  readonly graph: Graph;
  /** Broken by a move from this state; the search ended there. */
  readonly violation: { readonly what: string; readonly from: number } | undefined;
}

/** States whose statements are sent together. */
const BATCH = 2_000;

/** Visits every state that can be reached, those with the fewest moves first. */
export async function search(model: Model, answers: Answers): Promise<Search> {
  const graph = new Graph();
  for (const root of model.roots) graph.visit(encode(root), undefined);
  let visited = 0;
  while (visited < graph.size) {
    const states = graph.texts(visited, visited + BATCH).map(decode);
    await learn(model, answers, states);
    for (const state of states) {
      const violation = visitNeighbours(model, answers, graph, visited, state);
      if (violation !== undefined) return { graph, violation: { what: violation, from: visited } };
      visited += 1;
    }
  }
  return { graph, violation: undefined };
}

function visitNeighbours(
  model: Model,
  answers: Answers,
  graph: Graph,
  from: number,
  state: State,
): string | undefined {
  for (const happening of happenings(model, answers, state)) {
    const violation = violationOf(happening);
    if (violation !== undefined) return violation;
    graph.connect(from, graph.visit(textOf(model, happening.to), from), happening.move.nature);
  }
  return undefined;
}

/** The text of a state, without what the model does not follow. */
export function textOf({ without }: Model, state: State): string {
  if (!without) return encode(state);
  const workers = state.workers.map((worker) =>
    worker.at === 'running' ? { ...worker, held: { ...worker.held, ...without } } : worker,
  );
  return encode({ ...state, row: state.row && { ...state.row, ...without }, workers });
}

/** Everything that may happen next. Its statements have to be learnt before. */
export function happenings(model: Model, answers: Answers, from: State): Happening[] {
  return movesOf(model, from).map((move) => {
    const answer = answerTo(model, answers, from, move);
    return { from, move, answer, to: move.next({ ...from, row: answer.row }, answer) };
  });
}

/** Sends the statements of all moves from these states. */
export function learn(model: Model, answers: Answers, states: readonly State[]): Promise<void> {
  return answers.learn(encountersOf(model, states));
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
