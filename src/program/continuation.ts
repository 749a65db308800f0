import type { Decision } from './decide.js';
import type { ClaimedProgram } from './program.js';

/** Whether the run that recorded this decision goes on with the next job. */
export function goesOn(decision: Decision): boolean {
  return decision.kind === 'advance' && !decision.release;
}

/** Whether a program was given back that any worker may go on with at once, so that they are told. */
export function isGivenBack(decision: Decision): boolean {
  if (decision.kind === 'postpone') return decision.delayMs === 0;
  const isReleased = decision.kind === 'release' || decision.kind === 'changePool';
  return isReleased || (decision.kind === 'advance' && decision.release);
}

/** What the hint of a program that was given back says: where it waits in a line, only those who look there find it. */
export function noteOfGivenBack(
  { line }: Pick<ClaimedProgram, 'line'>,
  { kind }: Decision,
): 'more' | undefined {
  return line || kind === 'changePool' ? 'more' : undefined;
}

/**
 * The pool in which a program is to wait before its job starts: its job's, or else its own. undefined: it holds a
 * slot of that already.
 */
export function poolToChangeTo(
  { line, options }: Pick<ClaimedProgram, 'line' | 'options'>,
  poolOfJob: string | undefined,
): string | undefined {
  const pool = poolOfJob ?? options?.pool ?? '';
  return pool === (line?.pool ?? '') ? undefined : pool;
}

/** The program as its run holds it after an `advance` was recorded. */
export function atNextStep<P extends Pick<ClaimedProgram, 'step' | 'stepRetryCount' | 'lostCount'>>(
  program: P,
): P {
  return { ...program, step: program.step + 1, stepRetryCount: 0, lostCount: 0 };
}
