import { explainRefusal, explainRefusedTransition, type RowState } from '../../../src/program/refusal.js';
import { toTransition } from '../../../src/program/transition.js';
import { decisionOf } from '../decisions.js';
import { titleOf } from '../moves/move.js';
import { idOf } from './columns.js';
import type { Operation } from './operation.js';
import { claimOf, programOf } from './real-lines.js';
import {
  IDLE,
  isEnded,
  newToken,
  withWorker,
  type Ending,
  type Held,
  type Move,
  type Moves,
  type Program,
  type Running,
  type State,
  type Worker,
} from './state.js';

/** What workers do and what becomes of them. */
export const workerMoves: Moves = (state) =>
  state.workers.flatMap((worker, index) => [
    ...movesOf(state, worker, index),
    ...(worker.at === 'idle' ? [] : [crashes(index)]),
  ]);

function movesOf(state: State, worker: Worker, index: number): Move[] {
  switch (worker.at) {
    case 'idle':
      return [...claims(state, index), ...claimsOfStrays(state, index)];
    case 'running':
      return runningMoves(state, worker, index);
    case 'lettingGo':
      return [thenIdle(index, 'lets go of its program', { kind: 'letGo', ...heldOf(worker) })];
    case 'takingBack': {
      const { program, token } = worker;
      return [thenIdle(index, 'puts the program back into its line', { kind: 'takeBack', program, token })];
    }
  }
}

function crashes(index: number): Move {
  return {
    title: titleOf(index, 'crashes and starts again'),
    nature: 'chance',
    next: (to) => withWorker(to, index, IDLE),
  };
}

function thenIdle(index: number, title: string, operation: Operation): Move {
  return {
    title: titleOf(index, title),
    nature: 'protocol',
    operation,
    next: (to) => withWorker(to, index, IDLE),
  };
}

/** Whichever program has waited longest. */
function claims(state: State, index: number): Move[] {
  const token = newToken(state);
  return indexesOf(state.world.programs, ({ ready }) => ready === 'now').map((first) => ({
    title: titleOf(index, 'claims from the pool'),
    nature: 'protocol',
    operation: { kind: 'claim', token, first },
    next: (to, { claimed }) =>
      claimed ? withWorker(to, index, { at: 'running', ...claimed, ending: null, isRefused: false }) : to,
  }));
}

/** Programs whose end was taken back are due like those that wait in no line. */
function claimsOfStrays(state: State, index: number): Move[] {
  const token = newToken(state);
  return indexesOf(state.world.programs, (program) => program.due === 'now' && !isEnded(program)).map(
    (first) => ({
      title: titleOf(index, 'claims what is due'),
      nature: 'protocol',
      operation: { kind: 'claimDue', token, first },
      next: (to, { claimed }) =>
        claimed
          ? withWorker(to, index, { at: 'takingBack', program: claimed.program, token: claimed.token })
          : to,
    }),
  );
}

function runningMoves(state: State, run: Running, index: number): Move[] {
  if (run.isRefused) return [readsWhy(state, run, index)];
  const endings = run.ending === null ? ENDINGS : [run.ending];
  const records = endings.flatMap((ending) => recordMoves({ ...run, ending }, index, run.ending !== null));
  return run.ending === null ? [...records, renews(run, index)] : records;
}

const ENDINGS: readonly Ending[] = ['finish', 'fail', 'retry'];

type Recording = Running & { readonly ending: Ending };

/** A record is repeated until it is answered. */
function recordMoves(run: Recording, index: number, isRepeated: boolean): Move[] {
  const what = `${isRepeated ? 'repeats its record' : 'ends its job, records'}: ${run.ending}`;
  const stays = (to: State) => withWorker(to, index, run);
  const record = { kind: 'record', ...heldOf(run), ending: run.ending } as const;
  const chance = (title: string, isRolledBack: boolean): Move => ({
    title: titleOf(index, `${what}; ${title}`),
    nature: 'chance',
    operation: { ...record, isRolledBack },
    next: stays,
  });
  return [
    {
      title: titleOf(index, what),
      nature: run.ending === 'finish' || isRepeated ? 'protocol' : 'chance',
      operation: { ...record, isRolledBack: false },
      next: (to, { isChanged }) => withWorker(to, index, isChanged ? IDLE : { ...run, isRefused: true }),
    },
    chance('the reply is lost', false),
    chance('the database takes it back', true),
  ];
}

function renews(run: Running, index: number): Move {
  return {
    title: titleOf(index, 'renews its lease'),
    nature: 'chance',
    operation: { kind: 'renew', ...heldOf(run) },
    next: (to, { isChanged }) => (isChanged ? to : withWorker(to, index, { ...run, isRefused: true })),
  };
}

function readsWhy({ world }: State, run: Running, index: number): Move {
  const isLettingGo = whyRefused(run, world.programs[run.program] as Program) === 'cancelled';
  return {
    title: titleOf(index, 'reads why it was refused'),
    nature: 'protocol',
    next: (to) => withWorker(to, index, isLettingGo ? { at: 'lettingGo', ...heldOf(run) } : IDLE),
  };
}

function whyRefused(run: Running, program: Program) {
  const row = rowOf(run, program);
  if (run.ending === null) return explainRefusal(claimOf(run), row);
  return explainRefusedTransition(toTransition(programOf(run), decisionOf(run.ending), null), row);
}

function rowOf({ program: index }: Held, program: Program): RowState {
  const { fence, claimedBy, isFinished: finished, isErrored: errored } = program;
  const holder = claimedBy === null ? null : String(claimedBy);
  return { id: idOf(index), fence, claimedBy: holder, step: 0, finished, errored };
}

function heldOf({ program, fence, token }: Held): Held {
  return { program, fence, token };
}

function indexesOf<T>(items: readonly T[], isMeant: (item: T) => boolean): number[] {
  return items.flatMap((item, index) => (isMeant(item) ? [index] : []));
}
