import { isDeepStrictEqual } from 'node:util';
import type { Answer, Operation } from './operation.js';
import { firstViolation, type HappeningOf, type PropertyOf } from '../property.js';
import {
  isEnded,
  MAX_PARALLELISM,
  openIn,
  type Batch,
  type Held,
  type Move,
  type Program,
  type Slot,
  type State,
  type World,
} from './state.js';

export type Happening = HappeningOf<State, Move, Answer>;
type Property = PropertyOf<Happening>;

/** The first safety property that this breaks. */
export function violationOf(happening: Happening): string | undefined {
  return firstViolation(PROPERTIES, happening);
}

const neverAboveTheLimit: Property = ({ to: { world } }) => {
  const running = world.programs.filter((program, index) => runsFromLine(world, program, index));
  return running.length > MAX_PARALLELISM ? 'more programs run than the pool allows' : undefined;
};

const zombieWritesNothing: Property = ({ from: { world }, move: { operation }, answer }) => {
  if (!operation || !isGuarded(operation)) return undefined;
  const isWritten = answer.isChanged || !isDeepStrictEqual(answer.world, world);
  if (isWritten && !holds(world, operation)) return 'a run wrote although it holds its program no longer';
  // Its claim is all that a run may take back once somebody has cancelled its program.
  return isWritten && operation.kind !== 'letGo' && isEnded(world.programs[operation.program] as Program)
    ? 'a run wrote to a program that has ended'
    : undefined;
};

const oneSlotForEachRun: Property = ({ from: { world }, move: { operation }, answer }) => {
  if (operation?.kind === 'claim' && answer.claimed && !slotOf(answer.world, answer.claimed))
    return 'a program was claimed without a slot';
  if (operation?.kind !== 'record' || !answer.isChanged) return undefined;
  if (!slotOf(world, operation)) return 'a run ended that held no slot';
  return slotOf(answer.world, operation) ? 'a run ended and kept its slot' : undefined;
};

const allOrNothing: Property = ({ from: { world }, move: { operation }, answer }) =>
  operation?.kind === 'record' && operation.isRolledBack && !isDeepStrictEqual(answer.world, world)
    ? 'something stayed of a record that was taken back'
    : undefined;

const claimsOnlyWhatMayStart: Property = ({ from: { world }, move: { operation }, answer: { claimed } }) => {
  const program = claimed && world.programs[claimed.program];
  return program && (isEnded(program) || program.lease === 'valid' || !isAskedFor(program, operation))
    ? 'a program was claimed that may not start'
    : undefined;
};

const neverFinishedAndErrored: Property = ({ to: { world } }) =>
  world.programs.some(({ isFinished, isErrored }) => isFinished && isErrored)
    ? 'a program is both finished and errored'
    : undefined;

/** At the end of each transaction, and not only once somebody has swept. */
const countsAddUp: Property = ({ to: { world } }) => {
  const counted = world.programs.filter(({ due }) => due === 'now').map(countedAs);
  const isWrong = COUNTS.some((count) => world.batch[count] !== counted.filter((as) => as === count).length);
  return isWrong ? 'the counts of the batch are not those of its programs' : undefined;
};

/** Until it is found that an end was taken back, what runs of it is counted as it was. */
const countsNoMoreThanThereAre: Property = ({ to: { world } }) => {
  const running = world.programs.filter(
    (program, index) => program.due === 'gated' && !isEnded(program) && runsFromLine(world, program, index),
  );
  return openIn(world) < running.length ? 'more programs run than the batch has left' : undefined;
};

const completesWithTheLast: Property = ({ to: { world } }) =>
  world.batch.isCompleted === (openIn(world) === 0)
    ? undefined
    : `the batch is ${world.batch.isCompleted ? '' : 'not '}completed with ${openIn(world)} programs left`;

const oneCallback: Property = ({ to: { world } }) =>
  world.callbacks === (world.batch.hasCompleted ? 1 : 0)
    ? undefined
    : `there are ${world.callbacks} callbacks of a batch that has ${world.batch.hasCompleted ? '' : 'not '}completed`;

const PROPERTIES = [
  neverAboveTheLimit,
  zombieWritesNothing,
  allOrNothing,
  oneSlotForEachRun,
  claimsOnlyWhatMayStart,
  neverFinishedAndErrored,
  countsAddUp,
  countsNoMoreThanThereAre,
  completesWithTheLast,
  oneCallback,
];

const COUNTS = ['finished', 'errored', 'cancelled'] as const satisfies (keyof Batch)[];

/** The batch is complete and everything was given back: what must stay possible. */
export function isAtRest({ world }: State): boolean {
  return world.batch.isCompleted && world.slots.length === 0 && world.programs.every(isEnded);
}

/** Somebody who claimed it from the line may still be at its job. */
function runsFromLine(world: World, program: Program, index: number): boolean {
  const { claimedBy, lease, due } = program;
  if (lease !== 'valid' || claimedBy === null) return false;
  return due === 'gated' || slotOf(world, { program: index, token: claimedBy }) !== undefined;
}

/** As what its batch counts a program whose end it knows, also where that was taken back by hand since. */
function countedAs({ isFinished, isCancelled }: Program): (typeof COUNTS)[number] {
  if (isFinished) return 'finished';
  return isCancelled ? 'cancelled' : 'errored';
}

/** Who waits in a line is claimed from there, and everybody else by being due. */
function isAskedFor({ ready, due }: Program, operation: Operation | undefined): boolean {
  return operation?.kind === 'claim' ? ready === 'now' : due === 'now';
}

function isGuarded(operation: Operation): operation is Extract<Operation, Held> {
  return ['record', 'renew', 'letGo'].includes(operation.kind);
}

function holds({ programs }: World, { program, fence, token }: Held): boolean {
  return programs[program]?.fence === fence && programs[program].claimedBy === token;
}

function slotOf({ slots }: World, { program, token }: Pick<Held, 'program' | 'token'>): Slot | undefined {
  return slots.find((slot) => slot.program === program && slot.claimedBy === token);
}
