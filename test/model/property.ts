/** One move and what came of it. */
export interface HappeningOf<State, Move, Answer> {
  readonly from: State;
  readonly move: Move;
  readonly answer: Answer;
  readonly to: State;
}

/** What must never happen: gives what did, in words. */
export type PropertyOf<Happening> = (happening: Happening) => string | undefined;

/** The first safety property that this breaks. */
export function firstViolation<H>(properties: readonly PropertyOf<H>[], happening: H): string | undefined {
  for (const property of properties) {
    const violation = property(happening);
    if (violation !== undefined) return violation;
  }
  return undefined;
}
