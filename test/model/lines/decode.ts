import { ENDINGS, LEASES, READIES, TURNS } from './words.js';
import type { Batch, Ending, Held, Program, Slot, State, Token, Worker } from './state.js';

/** A state that has this text. */
export function stateOf(text: string): State {
  const [programs = '', slots = '', rest = '', workers = '', late = ''] = text.split('/');
  const other = new Reader(rest);
  const lateReader = new Reader(late);
  return {
    world: {
      programs: new Reader(programs).each((reader) => reader.program()),
      slots: new Reader(slots).each((reader) => reader.slot()).sort(byProgram),
      turn: other.of(TURNS),
      isPoolOpen: other.flag(),
      batch: other.batch(),
      callbacks: other.number(),
    },
    workers: new Reader(workers).each((reader) => reader.worker()),
    late: late === '' ? null : { ...lateReader.held(), ending: lateReader.of(ENDINGS) as Ending },
  };
}

/** As they are read from the database. */
function byProgram(a: Slot, b: Slot): number {
  return a.program - b.program || Number(a.claimedBy) - Number(b.claimedBy);
}

class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  each<T>(read: (reader: Reader) => T): T[] {
    const all: T[] = [];
    while (this.#position < this.#text.length) all.push(read(this));
    return all;
  }

  program(): Program {
    const ready = this.of(READIES);
    const due = this.flag() ? 'now' : 'gated';
    const lease = this.of(LEASES);
    const claimedBy = this.#token();
    const flags = this.number();
    const ends = { isFinished: (flags & 1) > 0, isErrored: (flags & 2) > 0, isCancelled: (flags & 4) > 0 };
    return { ready, due, fence: 2, claimedBy, lease, ...ends };
  }

  slot(): Slot {
    return { program: this.number(), claimedBy: this.#token(), isSettled: this.flag() };
  }

  batch(): Batch {
    const counts = { finished: this.number(), errored: this.number(), cancelled: this.number() };
    return { ...counts, isCompleted: this.flag(), hasCompleted: this.flag() };
  }

  worker(): Worker {
    const at = this.#next();
    if (at === 'i') return { at: 'idle' };
    if (at === 'l') return { at: 'lettingGo', ...this.held() };
    if (at === 't') return { at: 'takingBack', program: this.number(), token: this.number() };
    return { at: 'running', ...this.held(), ending: this.of(ENDINGS), isRefused: this.flag() };
  }

  held(): Held {
    return { program: this.number(), fence: this.number(), token: this.number() };
  }

  flag(): boolean {
    return this.#next() === '1';
  }

  number(): number {
    return Number(this.#next());
  }

  of<T>(values: readonly T[]): T {
    return values[this.number()] as T;
  }

  #token(): Token | null {
    return this.number() || null;
  }

  #next(): string {
    return this.#text[this.#position++] ?? '';
  }
}
