import { DECISION_NAMES, type DecisionName } from './decisions.js';
import type { Held, LateWrite, Row, Running, State, Token, Worker } from './state.js';
import { DOUBTS, DUES, LEASES, LOSSES } from './words.js';

/** A state that has this text. */
export function decode(text: string): State {
  const reader = new Reader(text);
  const workers: Worker[] = [];
  for (let at = reader.next(); at !== '/'; at = reader.next()) workers.push(reader.worker(at));
  return { workers, late: reader.late(), hasHint: reader.flag(), row: reader.row() };
}

class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): string {
    return this.#text[this.#position++] ?? '';
  }

  flag(): boolean {
    return this.next() === '1';
  }

  worker(at: string): Worker {
    if (at === 'd') return { at: 'down' };
    if (at === 'i') return { at: 'idle', pollToken: this.#token() };
    if (at === 'c') return { at: 'claiming', token: this.#number() };
    if (at === 'l') return { at: 'lettingGo', fence: this.#number(), token: this.#number() };
    return this.#running();
  }

  late(): LateWrite | null {
    const kind = this.next();
    if (kind === '-') return null;
    if (kind !== 't') return { kind: kind === 'r' ? 'claimRung' : 'claimDue', token: this.#number() };
    return {
      kind: 'transition',
      held: this.#held(),
      decision: this.#of(DECISION_NAMES),
      isApplied: this.flag(),
    };
  }

  row(): Row | null {
    if (this.#text.at(this.#position) === 'x') return null;
    const place = { step: this.#number(), stepRetryCount: this.#number(), lostCount: this.#number() };
    const fence = this.#number();
    const due = this.#of(DUES);
    const claimedBy = this.#token();
    const lease = this.#of(LEASES);
    const flags = this.#number();
    const ends = { isFinished: (flags & 1) > 0, isErrored: (flags & 2) > 0, hasData: (flags & 4) > 0 };
    return { ...place, fence, due, claimedBy, lease, ...ends };
  }

  #running(): Running {
    const held = this.#held();
    const decisionIndex = this.next();
    const decision = decisionIndex === 'n' ? null : (DECISION_NAMES[Number(decisionIndex)] as DecisionName);
    const flags = this.#number();
    const refusal = { isRefused: (flags & 1) > 0, isApplied: (flags & 2) > 0 };
    return { at: 'running', held, decision, ...refusal, doubt: this.#of(DOUBTS), loss: this.#of(LOSSES) };
  }

  #held(): Held {
    const step = this.#number();
    const fence = this.#number();
    const token = this.#number();
    const counts = { stepRetryCount: this.#number(), lostCount: this.#number() };
    return { step, fence, token, ...counts, hasData: this.flag() };
  }

  #token(): Token | null {
    return this.#number() || null;
  }

  #number(): number {
    return Number(this.next());
  }

  #of<T>(values: readonly T[]): T {
    return values[this.#number()] as T;
  }
}
