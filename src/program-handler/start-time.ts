import { InvalidProgramError } from '../errors/index.js';
import type { CreateOptions } from '../jobs/job.js';
import { DAY_MS, YEAR_MS } from '../program/durations.js';
import type { NewProgram } from './dialects/dialect.js';

type Start = Pick<NewProgram, 'dueAt' | 'delayMs'>;

/**
 * A start that lies further ahead is a mistake, of a unit most often: refused, as the program would seem lost. (The
 * system that has this bound starts such work after a year, at a time that nobody asked for.)
 */
const FURTHEST_MS = 4 * 365 * DAY_MS;

const AT_ONCE: Start = { dueAt: null, delayMs: 0 };

/**
 * When a program may start.
 * @param nowMs by this process's clock, which is good enough for bounds of years
 * @throws InvalidProgramError
 */
export function startOf({ runAt, runAfter }: CreateOptions, nowMs: number): Start {
  if (runAt !== undefined && runAfter !== undefined)
    throw new InvalidProgramError('runAfter', 'give either runAt or runAfter');
  if (runAt === undefined) return { dueAt: null, delayMs: delayOf(runAfter ?? 0) };
  const ms = momentOf(runAt, nowMs);
  // More than a year ago means now: it is not to overtake all that waits.
  return ms < nowMs - YEAR_MS ? AT_ONCE : { dueAt: ms, delayMs: null };
}

function delayOf(runAfter: unknown): number {
  if (typeof runAfter === 'number' && runAfter >= 0 && runAfter <= FURTHEST_MS) return Math.round(runAfter);
  throw new InvalidProgramError('runAfter', 'expected milliseconds from 0 to those of 4 years');
}

function momentOf(runAt: Date | number, nowMs: number): number {
  const ms: unknown = runAt instanceof Date ? runAt.getTime() : runAt;
  if (typeof ms === 'number' && ms >= 0 && ms <= nowMs + FURTHEST_MS) return Math.round(ms);
  throw new InvalidProgramError(
    'runAt',
    'expected a valid Date or epoch milliseconds, at most 4 years ahead',
  );
}
