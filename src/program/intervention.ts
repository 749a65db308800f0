import { InvalidProgramError, ProgramStateError } from '../errors/index.js';
import type { ProgramState } from './status.js';

/** What decides whether somebody may intervene in a program. */
export interface Intervened {
  readonly runId: string;
  readonly state: ProgramState;
  readonly jobs: readonly string[];
  readonly step: number;
  /** What of its row cannot be read. */
  readonly fault?: string | undefined;
}

const WAIT = 'wait until it is not, or cancel it first';

/** @throws ProgramStateError */
function assertMayChange({ runId, state, fault }: Intervened): void {
  if (state === 'running') throw new ProgramStateError(runId, state, WAIT);
  if (fault !== undefined)
    throw new ProgramStateError(runId, state, `its row cannot be read, correct it first: ${fault}`);
}

/**
 * The step that a program starts again from: the one it stands at; of a finished program, the first.
 * @throws ProgramStateError, InvalidProgramError
 */
export function stepToRetry(program: Intervened, fromStep: number | undefined): number {
  assertMayChange(program);
  const { state, jobs, step } = program;
  const wanted = fromStep ?? (state === 'finished' ? 0 : step);
  if (wanted < jobs.length) return wanted;
  const expectation = jobs.length === 0 ? 'the program has no jobs' : `expected 0 to ${jobs.length - 1}`;
  throw new InvalidProgramError('fromStep', expectation);
}

/**
 * The step that comes after the one to skip; undefined: there is none, so the program is finished then.
 * @throws ProgramStateError
 */
export function stepAfterSkipped(program: Intervened): number | undefined {
  assertMayChange(program);
  const { runId, state, jobs, step } = program;
  if (state === 'finished') throw new ProgramStateError(runId, state, 'no step is left to skip');
  return step + 1 < jobs.length ? step + 1 : undefined;
}

/** @throws ProgramStateError, InvalidProgramError */
export function assertMayEdit(program: Intervened, job: string): void {
  assertMayChange(program);
  if (!program.jobs.includes(job))
    throw new InvalidProgramError('job', `expected one of the program's: ${program.jobs.join(', ')}`);
}
