/** How far back the pace is measured, in milliseconds: old enough to be steady, young enough to be of now. */
const WINDOW_MS = 60_000;

interface Mark {
  readonly ended: number;
  readonly atMs: number;
}

/** How fast programs end, from how many had ended at each look. */
export class Pace {
  #marks: Mark[] = [];

  add(ended: number, atMs: number): void {
    this.#marks = [...this.#marks.filter((mark) => atMs - mark.atMs <= WINDOW_MS), { ended, atMs }];
  }

  /** Null before two looks. */
  get perSecond(): number | null {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || last.atMs <= first.atMs) return null;
    return Math.max(0, last.ended - first.ended) / ((last.atMs - first.atMs) / 1_000);
  }

  /** Until so many more have ended; null where nothing ends. */
  timeLeftMs(open: number): number | null {
    const rate = this.perSecond;
    return rate === null || rate === 0 ? null : (open / rate) * 1_000;
  }
}
