import type { Answers } from './answers.js';
import { jobDataMoves } from './moves/job-data.js';
import { lateMoves } from './moves/late.js';
import type { Moves } from './moves/move.js';
import { workerMoves } from './moves/workers.js';
import { messageMoves, peopleMoves, timeMoves } from './moves/world.js';
import type { Mutation } from './mutations/index.js';
import type { Encounter } from './operation.js';
import type { Model } from './protocol-space.js';
import type { Row, State } from './state.js';

/** How a program begins: with a hint, without one, later, or as an old row with a hint. */
type Start = 'rung' | 'unannounced' | 'delayed' | 'parked';

const EVERY_START: readonly Start[] = ['rung', 'unannounced', 'delayed', 'parked'];

/** Some workers, and what may happen to them. Everything at once would be too much to visit. */
export interface Setting {
  readonly title: string;
  readonly workers: number;
  readonly concerns: readonly Moves[];
  readonly without?: Model['without'];
  /** Left out: each of them. */
  readonly starts?: readonly Start[];
  /** The step at which the program is found; left out: the first. */
  readonly step?: number;
}

const COUNTS = { lostCount: 0, stepRetryCount: 0 };
/** Crashes at any point, lost replies, an absent database, lost and repeated messages, leases that end. */
const FAULTS: readonly Moves[] = [workerMoves, messageMoves, timeMoves];

/** Those that take some seconds. */
export const SMALL_SETTINGS: readonly Setting[] = [
  { title: 'one worker, with losses and retries counted', workers: 1, concerns: FAULTS },
  { title: 'one worker and people', workers: 1, concerns: [...FAULTS, peopleMoves], without: COUNTS },
  {
    title: 'one worker, people and job data',
    workers: 1,
    concerns: [...FAULTS, peopleMoves, jobDataMoves],
    without: COUNTS,
  },
  { title: 'one worker and late statements', workers: 1, concerns: [...FAULTS, lateMoves], without: COUNTS },
  { title: 'two workers', workers: 2, concerns: FAULTS, without: COUNTS },
];

/** Those that take a minute or so each. */
export const LARGE_SETTINGS: readonly Setting[] = [
  {
    title: 'two workers, with losses counted',
    workers: 2,
    concerns: FAULTS,
    without: { stepRetryCount: 0 },
  },
  { title: 'two workers and people', workers: 2, concerns: [...FAULTS, peopleMoves], without: COUNTS },
  {
    title: 'three workers, at the last job',
    workers: 3,
    concerns: [workerMoves, timeMoves],
    without: COUNTS,
    starts: ['unannounced'],
    step: 1,
  },
];

/** Where a mutation shows itself. */
export function settingFor({ breaks, title }: Mutation): Setting {
  const everything = [...FAULTS, peopleMoves, jobDataMoves, lateMoves];
  return breaks === 'safety'
    ? { title, workers: 2, concerns: everything }
    : { title, workers: 1, concerns: FAULTS, starts: ['rung', 'parked'] };
}

/** A program as it is created, before any worker has seen it, and the moves from there. */
export async function modelOf(setting: Setting, answers: Answers): Promise<Model> {
  const { workers, concerns, without, starts = EVERY_START, step = 0 } = setting;
  const encounters = starts.map(creating);
  await answers.learn(encounters);
  const rows = encounters.map((encounter, index) => {
    const row = { ...(answers.to(encounter).row as Row), step };
    return starts[index] === 'parked' ? { ...row, due: 'parked' as const } : row;
  });
  return { roots: rows.map((row) => rootOf(row, workers)), moves: concerns, ...(without && { without }) };
}

function creating(start: Start): Encounter {
  return { row: null, operation: { kind: 'insert', as: start === 'parked' ? 'rung' : start } };
}

function rootOf(row: Row, workers: number): State {
  return {
    row,
    hasHint: row.fence === 0,
    workers: Array.from({ length: workers }, () => ({ at: 'idle', pollToken: null })),
    late: null,
  };
}
