import { ODD_THINGS, type OddThing } from '../faults/harness/odd-things.js';
import type { Random } from './random.js';

/** Ways in which a job ends its process; the last does so a moment later. */
export const DEATHS = ['kill', 'exit', 'abort', 'exhaustMemory', 'leaveRejection'] as const;

/** What one job of a random program does. */
export type Step =
  | { kind: 'return' }
  /** Lets the event loop turn for so long, and heeds its signal. */
  | { kind: 'take'; ms: number }
  /** The same, deaf to its signal. */
  | { kind: 'takeDeaf'; ms: number }
  /** Never ends at its first turn, and heeds its signal. */
  | { kind: 'hang' }
  /** The same, deaf to its signal. */
  | { kind: 'hangDeaf' }
  /** Keeps the event loop from turning. */
  | { kind: 'block'; ms: number }
  /** Merges that many fields into its data, all at once. */
  | { kind: 'merge'; fields: number }
  /** Throws a `RetryableError` in its first attempts. */
  | { kind: 'retry'; attempts: number; afterMs: number }
  /** Gives way at its checkpoints, that many times. */
  | { kind: 'yield'; times: number }
  /** Ends its process, that many times. */
  | { kind: 'die'; how: (typeof DEATHS)[number]; times: number }
  /** Inserts a row of its own in the transaction that completes the step. */
  | { kind: 'insert' }
  | { kind: 'fail'; thing: OddThing };

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

/** What few programs have, in one of their steps, each with its probability. */
const RARE: readonly (readonly [probability: number, Draw])[] = [
  [0.015, (random) => ({ kind: 'die', how: random.pick(DEATHS), times: random.between(1, 2) })],
  [0.05, (random) => ({ kind: 'fail', thing: random.pick(Object.keys(ODD_THINGS) as OddThing[]) })],
  // More than one lease, and more than three.
  [0.005, (random) => ({ kind: 'block', ms: random.pick([3_000, 6_500]) })],
  [0.01, (random) => ({ kind: random.pick(['hang', 'hangDeaf']) })],
];

/** The steps of a random program. */
export function drawSteps(random: Random): Step[] {
  const steps = Array.from({ length: random.between(1, MAX_STEPS) }, () => random.pick(DRAWS)(random));
  for (const [probability, draw] of RARE)
    if (random.chance(probability)) steps[random.between(0, steps.length - 1)] = draw(random);
  return steps;
}
