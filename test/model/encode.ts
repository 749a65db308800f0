import { DECISION_NAMES } from './decisions.js';
import type { Held, LateWrite, Row, Running, State, Token, Worker } from './state.js';
import { DOUBTS, DUES, LEASES, LOSSES } from './words.js';

/*
 * States that differ in nothing that any statement or decision could tell apart share one text, so that the
 * search ends:
 *
 * - Fences are only compared with the row's, which only grows. So a fence is either the row's (2) or
 *   superseded for good (1); 0 is that of a row never claimed, which the poll asks for.
 * - Tokens are only compared with each other: they are numbered as they come.
 * - Losses above the limit are all the same (4).
 * - What a superseded run remembers beside what guards compare (retries, losses, data) reaches the row only
 *   if one of its writes does, which is a violation at once. It is dropped.
 * - Once a row was claimed, the poll's grace means nothing to it.
 * - Workers are alike: of all their orders the one with the smallest text stands for all.
 */

const MOST_LOSSES = 4;

/** The text of a state, the same for all that are alike. */
export function encode(state: State): string {
  const orders = ORDERS[state.workers.length] ?? [];
  return orders.reduce((least, order) => {
    const text = encodeInOrder(state, order);
    return least === '' || text < least ? text : least;
  }, '');
}

const ORDERS: readonly (readonly (readonly number[])[])[] = [
  [[]],
  [[0]],
  [
    [0, 1],
    [1, 0],
  ],
  [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ],
];

function encodeInOrder(state: State, order: readonly number[]): string {
  const writer = new Writer(state.row);
  const workers = order.map((index) => writer.worker(state.workers[index] as Worker)).join('');
  return `${workers}/${writer.late(state.late)}${state.hasHint ? 1 : 0}${writer.row(state.row)}`;
}

class Writer {
  readonly #rowFence: number | undefined;
  readonly #tokens: Token[] = [];

  constructor(row: Row | null) {
    this.#rowFence = row?.fence;
  }

  worker(worker: Worker): string {
    switch (worker.at) {
      case 'down':
        return 'd';
      case 'idle':
        return `i${this.#token(worker.pollToken)}`;
      case 'claiming':
        return `c${this.#token(worker.token)}`;
      case 'lettingGo':
        return `l${this.#fence(worker.fence)}${this.#token(worker.token)}`;
      case 'running':
        return this.#running(worker);
    }
  }

  late(late: LateWrite | null): string {
    if (!late) return '-';
    if (late.kind !== 'transition')
      return `${late.kind === 'claimRung' ? 'r' : 'p'}${this.#token(late.token)}`;
    return `t${this.#held(late.held)}${DECISION_NAMES.indexOf(late.decision)}${late.isApplied ? 1 : 0}`;
  }

  row(row: Row | null): string {
    if (!row) return 'x';
    const { step, stepRetryCount, fence, due, claimedBy, lease } = row;
    const flags = (row.isFinished ? 1 : 0) + (row.isErrored ? 2 : 0) + (row.hasData ? 4 : 0);
    const dueIndex = DUES.indexOf(fence > 0 && due === 'fresh' ? 'due' : due);
    const losses = Math.min(row.lostCount, MOST_LOSSES);
    const place = `${step}${stepRetryCount}${losses}${this.#fence(fence)}${dueIndex}`;
    return `${place}${this.#token(claimedBy)}${LEASES.indexOf(lease)}${flags}`;
  }

  #running({ held, decision, isRefused, isApplied, doubt, loss }: Running): string {
    const decisionIndex = decision === null ? 'n' : DECISION_NAMES.indexOf(decision);
    const flags = (isRefused ? 1 : 0) + (isApplied ? 2 : 0);
    const doubts = `${DOUBTS.indexOf(doubt)}${LOSSES.indexOf(loss)}`;
    return `r${this.#held(held)}${decisionIndex}${flags}${doubts}`;
  }

  #held({ step, stepRetryCount, lostCount, fence, token, hasData }: Held): string {
    const guard = `${step}${this.#fence(fence)}${this.#token(token)}`;
    if (fence !== this.#rowFence) return `${guard}000`;
    return `${guard}${stepRetryCount}${Math.min(lostCount, MOST_LOSSES)}${hasData ? 1 : 0}`;
  }

  #fence(fence: number): number {
    if (fence === this.#rowFence) return fence === 0 ? 0 : 2;
    return 1;
  }

  #token(token: Token | null): number {
    if (token === null) return 0;
    const known = this.#tokens.indexOf(token);
    return known === -1 ? this.#tokens.push(token) : known + 1;
  }
}
