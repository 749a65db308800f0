/** What may be searched: states, each with a text that all states like it share, and what may happen in them. */
export interface Space<S, H extends Step<S>> {
  readonly roots: readonly S[];
  textOf(state: S): string;
  /** A state that has this text. */
  stateOf(text: string): S;
  /** Prepares for `happenings` in these states. */
  learn(states: readonly S[]): Promise<void>;
  /** Everything that may happen next. */
  happenings(state: S): H[];
  /** What this breaks that must never be broken, in words. */
  violationOf(happening: H): string | undefined;
}

/** One move and where it leads. */
export interface Step<S> {
  readonly move: { readonly title: string; readonly nature: Nature };
  readonly to: S;
}

/**
 * `protocol`: what comes sooner or later by itself, the passing of time included. `message`: the same, where
 * a message was delivered. `chance`: faults, people, and jobs that do not simply end.
 */
export type Nature = 'protocol' | 'message' | 'chance';
