import { Graph } from './graph.js';
import type { Space, Step } from './space.js';

/** What a search found. */
export interface Search {
  readonly graph: Graph;
  /** Broken by a move from this state; the search ended there. */
  readonly violation: { readonly what: string; readonly from: number } | undefined;
}

/** States that are prepared together. */
const BATCH = 2_000;

/** Visits every state that can be reached, those with the fewest moves first. */
export async function search<S, H extends Step<S>>(space: Space<S, H>): Promise<Search> {
  const graph = new Graph();
  for (const root of space.roots) graph.visit(space.textOf(root), undefined);
  let visited = 0;
  while (visited < graph.size) {
    const states = graph.texts(visited, visited + BATCH).map((text) => space.stateOf(text));
    await space.learn(states);
    for (const state of states) {
      const violation = visitNeighbours(space, graph, visited, state);
      if (violation !== undefined) return { graph, violation: { what: violation, from: visited } };
      visited += 1;
    }
  }
  return { graph, violation: undefined };
}

function visitNeighbours<S, H extends Step<S>>(
  space: Space<S, H>,
  graph: Graph,
  from: number,
  state: S,
): string | undefined {
  for (const happening of space.happenings(state)) {
    const violation = space.violationOf(happening);
    if (violation !== undefined) return violation;
    graph.connect(from, graph.visit(space.textOf(happening.to), from), happening.move.nature);
  }
  return undefined;
}
