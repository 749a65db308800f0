import { EXIT, STOP_SIGNALS } from '../exit-code.js';

/** How a worker process ended. */
export interface Ending {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
}

/** A worker that a stop signal ended by itself had not started yet. */
export function isClean({ code, signal }: Ending): boolean {
  if (signal !== null) return STOP_SIGNALS.some((stop) => stop === signal);
  return code === EXIT.ok || STOP_SIGNALS.some((stop) => EXIT[stop] === code);
}

/** For people. */
export function describeEnding({ code, signal }: Ending): string {
  return signal ? `killed by ${signal}` : `exit code ${code}`;
}
