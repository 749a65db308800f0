import { Remembered } from '../remembered.js';
import { checkSpace, type Liveness, type Verdict } from '../verdict.js';
import { spaceOf, type LinesModel } from './lines-space.js';
import { workerMoves } from './moves.js';
import type { Mutation } from './mutations/index.js';
import { keyOf, type Answer, type Encounter } from './operation.js';
import { isAtRest } from './properties.js';
import type { RealLines } from './real-lines.js';
import type { State } from './state.js';
import { cancelMoves, handMoves, lateMoves, resumeMoves, timeMoves } from './world-moves.js';

export type Setting = LinesModel & { readonly title: string };

/** Crashes at any point, lost replies, records that are taken back, leases that end. */
const FAULTS = [workerMoves, timeMoves];
const PEOPLE = [cancelMoves, resumeMoves, handMoves];

/** Those that take some seconds. */
export const SMALL_SETTINGS: readonly Setting[] = [
  { title: 'two programs, two workers', programs: 2, workers: 2, moves: FAULTS },
  { title: 'one program, two workers and people', programs: 1, workers: 2, moves: [...FAULTS, ...PEOPLE] },
  {
    title: 'two programs that are ended by hand, one worker',
    programs: 2,
    workers: 1,
    moves: [...FAULTS, handMoves],
  },
];

/** Those that take a minute or so each. */
export const LARGE_SETTINGS: readonly Setting[] = [
  { title: 'three programs, two workers', programs: 3, workers: 2, moves: FAULTS },
  {
    title: 'two programs that are cancelled, two workers and late records',
    programs: 2,
    workers: 2,
    moves: [...FAULTS, lateMoves, cancelMoves],
  },
  {
    title: 'two programs that are cancelled and resumed, two workers',
    programs: 2,
    workers: 2,
    moves: [...FAULTS, cancelMoves, resumeMoves],
  },
  { title: 'two programs, one worker and people', programs: 2, workers: 1, moves: [...FAULTS, ...PEOPLE] },
  {
    title: 'two programs that are ended by hand, two workers',
    programs: 2,
    workers: 2,
    moves: [...FAULTS, handMoves],
  },
];

/** Where a mutation shows itself. */
export function settingFor(mutation: Mutation): Setting {
  const { title, people } = mutation;
  const moves = people ? [...FAULTS, people === 'resume' ? resumeMoves : handMoves] : FAULTS;
  return { title, programs: 2, workers: 2, moves, mutation };
}

const LIVENESS: Liveness<State> = {
  mayRest: isAtRest,
  natures: [['protocol', 'the batch can never complete with all slots free']],
};

/** What was learnt of the statements as they are; a mutation learns for itself. */
export function answersOf(tables: RealLines): Remembered<Encounter, Answer> {
  return new Remembered(tables, keyOf, (encounters) => [[...encounters]]);
}

/** Searches a setting for what is broken, and for states from which its batch cannot complete. */
export function checkLines(
  setting: Setting,
  answers: Remembered<Encounter, Answer>,
): Promise<Verdict<State>> {
  return checkSpace(spaceOf(setting, answers), LIVENESS);
}
