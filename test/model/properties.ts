import type { DecisionName } from './decisions.js';
import { isGuarded, type Answer, type GuardedOperation } from './operation.js';
import type { Move } from './moves/move.js';
import { firstViolation, type HappeningOf, type PropertyOf } from './property.js';
import { isEnded, type Held, type Row, type State } from './state.js';

export type Happening = HappeningOf<State, Move, Answer>;
type Property = PropertyOf<Happening>;

/** The first safety property that this breaks. */
export function violationOf(happening: Happening): string | undefined {
  return firstViolation(PROPERTIES, happening);
}

const zombieWritesNothing: Property = ({ from, move: { operation }, answer }) => {
  if (!operation || !isGuarded(operation) || !from.row) return undefined;
  const isWritten = answer.isChanged || JSON.stringify(answer.row) !== JSON.stringify(from.row);
  if (isWritten && !isHolder(operation, from.row)) return 'a run wrote to a row that it holds no longer';
  // Its claim is all that a run may take back once somebody has cancelled its program.
  return isWritten && operation.kind !== 'letGo' && isEnded(from.row)
    ? 'a run wrote to a program that has ended'
    : undefined;
};

const oneTransitionForEachStep: Property = ({ from, move: { operation }, answer }) => {
  if (operation?.kind !== 'transition' || !answer.isChanged) return undefined;
  const writers = [...from.workers.filter((worker) => worker.at === 'running'), from.late];
  const isRepeated = writers.some(
    (writer) =>
      writer !== null &&
      'isApplied' in writer &&
      writer.isApplied &&
      writer.decision === operation.decision &&
      isSameRun(writer.held, operation),
  );
  return isRepeated ? 'one transition changed the row twice' : undefined;
};

const stepsGoForwardByOne: Property = ({ from, to }) => {
  if (!from.row || !to.row) return undefined;
  const steps = to.row.step - from.row.step;
  return steps === 0 || steps === 1 ? undefined : `the step went from ${from.row.step} to ${to.row.step}`;
};

const neverFinishedAndErrored: Property = ({ to: { row } }) =>
  row?.isFinished && row.isErrored ? 'the program is both finished and errored' : undefined;

const endedStaysEnded: Property = ({ from, to }) =>
  from.row?.isFinished && to.row && !to.row.isFinished ? 'a finished program is unfinished again' : undefined;

const oneClaimAtATime: Property = ({ from, answer: { claimed } }) =>
  claimed && from.row?.lease === 'valid' && from.row.claimedBy !== claimed.token
    ? 'a claim took over while the lease of another held'
    : undefined;

const claimsOnlyWhatMayStart: Property = ({ from: { row }, move: { operation }, answer: { claimed } }) =>
  claimed &&
  row &&
  (isEnded(row) || row.due === 'later' || (operation?.kind !== 'claimRung' && isLeftToHints(row)))
    ? 'a program was claimed that may not start'
    : undefined;

/** So that a parked row has not been started, and may wait. */
const nothingIsParked: Property = ({ from, to }) =>
  from.row && from.row.due !== 'parked' && to.row?.due === 'parked' ? 'a row was parked' : undefined;

/** Decisions about a job that was not started. */
const UNTRIED: ReadonlySet<DecisionName> = new Set(['postpone', 'handBack']);

const lossesAreCountedInARow: Property = ({ from, move: { operation }, answer, to }) => {
  if (!from.row || !to.row) return undefined;
  const { lostCount } = from.row;
  const isTakenOver = from.row.claimedBy !== null && from.row.claimedBy !== answer.claimed?.token;
  if (answer.claimed && to.row.lostCount !== lostCount + (isTakenOver ? 1 : 0))
    return 'a loss was not counted, or one too many';
  const isRecorded = operation?.kind === 'transition' && !UNTRIED.has(operation.decision);
  return isRecorded && answer.isChanged && to.row.lostCount !== 0
    ? 'losses are counted on although a step was recorded since'
    : undefined;
};

const savedDataAreThere: Property = ({ to: { row, workers } }) =>
  row &&
  !row.hasData &&
  workers.some((worker) => worker.at === 'running' && worker.held.hasData && isHolder(worker.held, row))
    ? 'a job was told that its data are saved, and they are not'
    : undefined;

const PROPERTIES = [
  zombieWritesNothing,
  oneTransitionForEachStep,
  stepsGoForwardByOne,
  neverFinishedAndErrored,
  endedStaysEnded,
  oneClaimAtATime,
  claimsOnlyWhatMayStart,
  nothingIsParked,
  lossesAreCountedInARow,
  savedDataAreThere,
];

/** No poll starts it. */
function isLeftToHints({ due, fence }: Row): boolean {
  return due === 'parked' || (due === 'fresh' && fence === 0);
}

function isHolder({ fence, token }: Pick<GuardedOperation, 'fence' | 'token'>, row: Row): boolean {
  return row.fence === fence && row.claimedBy === token;
}

function isSameRun(a: Pick<Held, 'fence' | 'token' | 'step'>, b: Pick<Held, 'fence' | 'token' | 'step'>) {
  return a.fence === b.fence && a.token === b.token && a.step === b.step;
}
