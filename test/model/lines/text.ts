import { ENDINGS, LEASES, READIES, TURNS } from './words.js';
import type { Batch, Held, Program, Slot, State, Token, Worker } from './state.js';

/*
 * States that differ in nothing that any statement could tell apart share one text, as those of the other model do:
 * a fence is the row's (2) or superseded (1), tokens are numbered as they come, and neither programs nor workers are
 * told apart. Which of two programs has waited longer is chosen at each claim, so that it is no part of a state.
 */

/** The text of a state, the same for all that are alike. */
export function textOf(state: State): string {
  let least = '';
  for (const programs of ordersOf(state.world.programs.length))
    for (const workers of ordersOf(state.workers.length)) {
      const text = new Writer(state, programs).text(workers);
      if (least === '' || text < least) least = text;
    }
  return least;
}

type Order = readonly number[];

const knownOrders: Order[][] = [];

function ordersOf(count: number): readonly Order[] {
  return (knownOrders[count] ??= permutations(Array.from({ length: count }, (_, index) => index)));
}

function permutations(items: Order): Order[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

class Writer {
  readonly #state: State;
  readonly #programs: Order;
  readonly #tokens: Token[] = [];

  constructor(state: State, programs: Order) {
    this.#state = state;
    this.#programs = programs;
  }

  /** One digit for each value. */
  text(workers: Order): string {
    const { world, workers: all, late } = this.#state;
    const programs = this.#programs.map((index) => this.#program(world.programs[index] as Program));
    const slots = this.#inOrder(world.slots, workers).map((slot) => this.#slot(slot));
    const open = `${TURNS.indexOf(world.turn)}${digit(world.isPoolOpen)}`;
    const inOrder = workers.map((index) => this.#worker(all[index] as Worker));
    const onItsWay = late ? `${this.#held(late)}${ENDINGS.indexOf(late.ending)}` : '';
    const parts = [programs, slots, [open, batchText(world.batch), world.callbacks], inOrder].map((part) =>
      part.join(''),
    );
    return [...parts, onItsWay].join('/');
  }

  /** Before tokens are numbered that only slots and workers have. */
  #inOrder(slots: readonly Slot[], workers: Order): readonly Slot[] {
    if (slots.length < 2) return slots;
    const { workers: all, late } = this.#state;
    const holders = [...workers.map((index) => all[index]), late].map((holder) =>
      holder && 'token' in holder ? holder.token : undefined,
    );
    const rank = ({ program, claimedBy, isSettled }: Slot) => [
      this.#programs.indexOf(program),
      claimedBy === null ? -1 : this.#tokens.indexOf(claimedBy),
      digit(isSettled),
      holders.indexOf(claimedBy ?? undefined),
    ];
    return slots.toSorted((a, b) => compare(rank(a), rank(b)));
  }

  #program({ ready, due, claimedBy, lease, isFinished, isErrored, isCancelled }: Program): string {
    const flags = (isFinished ? 1 : 0) + (isErrored ? 2 : 0) + (isCancelled ? 4 : 0);
    const times = `${READIES.indexOf(ready)}${due === 'now' ? 1 : 0}${LEASES.indexOf(lease)}`;
    return `${times}${this.#token(claimedBy)}${flags}`;
  }

  #slot({ program, claimedBy, isSettled }: Slot): string {
    return `${this.#programs.indexOf(program)}${this.#token(claimedBy)}${digit(isSettled)}`;
  }

  #worker(worker: Worker): string {
    switch (worker.at) {
      case 'idle':
        return 'i';
      case 'running':
        return `r${this.#held(worker)}${ENDINGS.indexOf(worker.ending)}${digit(worker.isRefused)}`;
      case 'lettingGo':
        return `l${this.#held(worker)}`;
      case 'takingBack':
        return `t${this.#programs.indexOf(worker.program)}${this.#token(worker.token)}`;
    }
  }

  #held({ program, fence, token }: Held): string {
    const isCurrent = fence === this.#state.world.programs[program]?.fence;
    return `${this.#programs.indexOf(program)}${isCurrent ? 2 : 1}${this.#token(token)}`;
  }

  #token(token: Token | null): number {
    if (token === null) return 0;
    const known = this.#tokens.indexOf(token);
    return known === -1 ? this.#tokens.push(token) : known + 1;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (a[at] as number) - (b[at] as number);
}

function batchText({ finished, errored, cancelled, isCompleted, hasCompleted }: Batch): string {
  return `${finished}${errored}${cancelled}${digit(isCompleted)}${digit(hasCompleted)}`;
}

function digit(value: boolean): number {
  return value ? 1 : 0;
}
