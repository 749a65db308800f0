import type { Random } from './random.js';

/** What one job of a random program does. */
export type Step =
  | { kind: 'return' }
  /** Lets the event loop turn for so long, and heeds its signal. */
  | { kind: 'take'; ms: number }
  /** The same, deaf to its signal. */
  | { kind: 'takeDeaf'; ms: number }
  /** Keeps the event loop from turning. */
  | { kind: 'block'; ms: number }
  /** Merges that many fields into its data, all at once. */
  | { kind: 'merge'; fields: number }
  /** Throws a `RetryableError` in its first attempts. */
  | { kind: 'retry'; attempts: number; afterMs: number }
  /** Gives way at its checkpoints, that many times. */
  | { kind: 'yield'; times: number }
  /** Ends its process, that many times. */
  | { kind: 'die'; times: number }
  /** Inserts a row of its own in the transaction that completes the step. */
  | { kind: 'insert' }
  | { kind: 'fail' };

/** Most steps of a program. */
export const MAX_STEPS = 6;

/** The name of the job at a step. */
export function jobAt(step: number): string {
  return `step-${step}`;
}

type Draw = (random: Random) => Step;

/** Each as often as it stands here. */
const DRAWS: readonly Draw[] = [
  () => ({ kind: 'return' }),
  () => ({ kind: 'return' }),
  (random) => ({ kind: 'take', ms: random.between(5, 400) }),
  (random) => ({ kind: 'take', ms: random.between(5, 1_500) }),
  (random) => ({ kind: 'takeDeaf', ms: random.between(5, 800) }),
  (random) => ({ kind: 'block', ms: random.between(5, 150) }),
  (random) => ({ kind: 'merge', fields: random.between(2, 8) }),
  (random) => ({ kind: 'merge', fields: random.between(2, 8) }),
  (random) => ({ kind: 'retry', attempts: random.between(1, 2), afterMs: random.between(1, 500) }),
  (random) => ({ kind: 'yield', times: random.between(1, 2) }),
  () => ({ kind: 'insert' }),
  () => ({ kind: 'insert' }),
];

/** The steps of a random program. Few kill their worker, fail, or block it for longer than its lease. */
export function drawSteps(random: Random): Step[] {
  const steps = Array.from({ length: random.between(1, MAX_STEPS) }, () => random.pick(DRAWS)(random));
  const at = random.between(0, steps.length - 1);
  if (random.chance(0.01)) steps[at] = { kind: 'die', times: random.between(1, 2) };
  else if (random.chance(0.05)) steps[at] = { kind: 'fail' };
  else if (random.chance(0.005)) steps[at] = { kind: 'block', ms: 3_000 };
  return steps;
}
