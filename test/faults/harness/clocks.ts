import { fileURLToPath } from 'node:url';
import type { WorkerSpec } from './protocol.js';

/** The variable that tells `shifted-clock` by how many milliseconds the clock is wrong. */
export const SHIFT_VARIABLE = 'PE_FAULTS_CLOCK_SHIFT_MS';

export const HOUR_MS = 3_600_000;

const PRELOADED = fileURLToPath(new URL('./shifted-clock.js', import.meta.url));

/** A worker process whose clock is wrong by so much, in this time zone. */
export function withClock(shiftMs: number, timeZone = 'UTC'): Pick<WorkerSpec, 'execArgv' | 'environment'> {
  return {
    execArgv: ['--import', PRELOADED],
    environment: { [SHIFT_VARIABLE]: String(shiftMs), TZ: timeZone },
  };
}
