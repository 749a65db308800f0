import { atNextStep, goesOn, isGivenBack } from '../../../src/program/continuation.js';
import { explainRefusedTransition } from '../../../src/program/refusal.js';
import { toTransition } from '../../../src/program/transition.js';
import { decisionOf, endingsOf, type DecisionName } from '../decisions.js';
import type { Answer, Operation } from '../operation.js';
import { JOBS, withWorker, type Held, type Running, type State } from '../state.js';
import { running } from './claiming.js';
import { titleOf, type Move, type WorkerMoves } from './move.js';

type Recording = Running & { readonly decision: DecisionName };

/** A job's ending becomes a decision, which is recorded. */
export const endingMoves: WorkerMoves<Running> = (_, run, index) =>
  endingsOf(run.held).flatMap(({ title, decision, isGood }) => {
    const recording: Recording = { ...run, decision };
    return [
      {
        title: titleOf(index, `${title}, records: ${decision}`),
        nature: isGood ? 'protocol' : 'chance',
        operation: transition(recording),
        next: (to, answer) => recorded(to, index, recording, answer),
      } satisfies Move,
      recordsWithoutReply(recording, index, `${title}, records: ${decision}`),
      {
        title: titleOf(index, `${title}; the database is away`),
        nature: 'chance',
        next: (to) => withWorker(to, index, recording),
      } satisfies Move,
    ];
  });

/** A record is repeated until it is answered. */
export const recordingMoves: WorkerMoves<Recording> = (_, run, index) => [
  {
    title: titleOf(index, `repeats the record: ${run.decision}`),
    nature: 'protocol',
    operation: transition(run),
    next: (to, answer) => recorded(to, index, run, answer),
  },
  recordsWithoutReply(run, index, 'repeats the record'),
];

/** After a refusal the row says why. */
export const refusedMoves: WorkerMoves<Recording> = (_, run, index) => [
  {
    title: titleOf(index, `reads why its record was refused: ${run.decision}`),
    nature: 'protocol',
    operation: { kind: 'read' },
    next: (to, { seen }) => {
      const why = explainRefusedTransition(transitionOf(run), seen);
      if (why === 'alreadyApplied') return goOn(to, index, run);
      return ended(to, index, { ...run, loss: why === 'cancelled' ? 'cancelled' : 'lost' });
    },
  },
];

function recordsWithoutReply(run: Recording, index: number, title: string): Move {
  return {
    title: titleOf(index, `${title}; the reply is lost`),
    nature: 'chance',
    operation: transition(run),
    next: (to, answer) => withWorker(noteApplied(to, run, answer), index, withApplied(run, answer)),
  };
}

function recorded(state: State, index: number, run: Recording, answer: Answer): State {
  const to = noteApplied(state, run, answer);
  if (answer.isChanged) return goOn(to, index, run);
  return withWorker(to, index, { ...run, isRefused: true });
}

function withApplied(run: Recording, { isChanged }: Answer): Recording {
  return { ...run, isApplied: run.isApplied || isChanged };
}

/** The copy of this record that is still on its way would be one too many now. */
function noteApplied(state: State, { held, decision }: Recording, { isChanged }: Answer): State {
  const { late } = state;
  const isCopy =
    late?.kind === 'transition' &&
    late.held.token === held.token &&
    late.held.fence === held.fence &&
    late.held.step === held.step &&
    late.decision === decision;
  return isChanged && isCopy ? { ...state, late: { ...late, isApplied: true } } : state;
}

function goOn(state: State, index: number, run: Recording): State {
  const decision = decisionOf(run.decision);
  const to = isGivenBack(decision) ? { ...state, hasHint: true } : state;
  if (!goesOn(decision)) return ended(to, index, run);
  if (run.loss) return ended(to, index, run);
  return withWorker(to, index, { ...running(atNextStep(run.held)), doubt: run.doubt });
}

/** The end of a run. */
export function ended(state: State, index: number, { held, loss }: Running): State {
  const { fence, token } = held;
  return withWorker(
    state,
    index,
    loss === 'cancelled' ? { at: 'lettingGo', fence, token } : { at: 'idle', pollToken: null },
  );
}

function transition({ held, decision }: Recording): Operation {
  return { kind: 'transition', ...held, decision };
}

function transitionOf({ held, decision }: Recording) {
  return toTransition(asProgram(held), decisionOf(decision), null);
}

function asProgram({ token, ...held }: Held) {
  const rest = { id: 1, runId: '', jobs: JOBS, programData: {}, jobData: {}, claimedAtMs: 0 };
  return { ...rest, ...held, claimedBy: String(token) };
}
