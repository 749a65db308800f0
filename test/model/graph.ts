import type { Nature } from './space.js';

/** The states that were reached, numbered in the order in which they were, and the moves between them. */
export class Graph {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #parents: (number | undefined)[] = [];
  /** Numbers of states, by turns the one before and the one after a move. */
  readonly #protocolMoves: number[] = [];
  readonly #messageMoves: number[] = [];
  #moves = 0;

  /** States. */
  get size(): number {
    return this.#texts.length;
  }

  /** All moves, faults included. */
  get moves(): number {
    return this.#moves;
  }

  texts(from: number, to: number): string[] {
    return this.#texts.slice(from, to);
  }

  /** The number of the state with this text. */
  visit(text: string, parent: number | undefined): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    this.#parents.push(parent);
    return number;
  }

  connect(from: number, to: number, nature: Nature): void {
    this.#moves += 1;
    if (nature === 'chance' || from === to) return;
    (nature === 'protocol' ? this.#protocolMoves : this.#messageMoves).push(from, to);
  }

  /** The texts of the states on a shortest way to this one, itself included. */
  pathTo(number: number): string[] {
    const path: string[] = [];
    for (let at: number | undefined = number; at !== undefined; at = this.#parents[at])
      path.unshift(this.#texts[at] as string);
    return path;
  }

  /**
   * The first state from which nothing that comes by itself leads to a goal.
   * @param natures the moves that may be relied on
   */
  firstWithoutWayTo(isGoal: (text: string) => boolean, natures: 'protocol' | 'messages too') {
    const moves = [this.#protocolMoves, ...(natures === 'protocol' ? [] : [this.#messageMoves])];
    const leads = new Uint8Array(this.size);
    const reached = this.#texts.flatMap((text, number) => (isGoal(text) ? [number] : []));
    for (const number of reached) leads[number] = 1;
    const before = beforeEach(this.size, moves);
    for (let number = reached.pop(); number !== undefined; number = reached.pop())
      for (const previous of before(number))
        if (leads[previous] === 0) {
          leads[previous] = 1;
          reached.push(previous);
        }
    const stuck = leads.indexOf(0);
    return stuck === -1 ? undefined : stuck;
  }
}

/** For each state, those from which a move leads to it. */
function beforeEach(size: number, lists: readonly (readonly number[])[]) {
  const starts = new Uint32Array(size + 1);
  for (const list of lists)
    for (let at = 1; at < list.length; at += 2) starts[(list[at] as number) + 1]! += 1;
  for (let number = 0; number < size; number += 1) starts[number + 1]! += starts[number]!;
  const ends = starts.slice();
  const sources = new Uint32Array(starts[size] ?? 0);
  for (const list of lists)
    for (let at = 1; at < list.length; at += 2) sources[ends[list[at] as number]!++] = list[at - 1] as number;
  return (number: number): Uint32Array => sources.subarray(starts[number], starts[number + 1]);
}
