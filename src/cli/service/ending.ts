import { messageOf } from '../../errors/index.js';
import { EXIT, STOP_SIGNALS } from '../exit-code.js';

/** How a worker process ended. */
export interface Ending {
  /** This process's where the system could not start it. */
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
  /** Why the system could not start it. */
  readonly refusal?: string;
}

/** That of a process that the system could not start: no memory, no more processes, no Node at its path. */
export function neverStarted(error: unknown): Ending {
  return { pid: process.pid, code: null, signal: null, refusal: messageOf(error) };
}

/** A worker that a stop signal ended by itself had not started yet. */
export function isClean({ code, signal }: Ending): boolean {
  if (signal !== null) return STOP_SIGNALS.some((stop) => stop === signal);
  return code === EXIT.ok || STOP_SIGNALS.some((stop) => EXIT[stop] === code);
}

/** For people. */
export function describeEnding({ code, signal, refusal }: Ending): string {
  if (refusal !== undefined) return `could not be started: ${refusal}`;
  return signal ? `killed by ${signal}` : `exit code ${code}`;
}
