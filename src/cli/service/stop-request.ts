import { STOP_SIGNALS, type StopSignal } from '../exit-code.js';
import { deferred } from './deferred.js';

/** How a process learns that it shall stop. */
export interface StopRequest {
  /** Resolves with the signal that asked for a drain. */
  readonly requested: Promise<StopSignal>;
  /** Resolves when the stop must come at once. */
  readonly urgent: Promise<unknown>;
}

/** npm and npx pass on a Ctrl-C which the terminal has already sent to this process too. */
const SAME_CTRL_C_MS = 200;

/** For a process of its own: the first signal drains, a second one hurries. */
export function stopOnSignals(): StopRequest {
  const requested = deferred<StopSignal>();
  const urgent = deferred<true>();
  let firstAt: number | undefined;
  const onSignal = (signal: StopSignal): void => {
    const now = performance.now();
    firstAt ??= now;
    if (firstAt === now) requested.resolve(signal);
    else if (signal !== 'SIGINT' || now - firstAt > SAME_CTRL_C_MS) urgent.resolve(true);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return { requested: requested.promise, urgent: urgent.promise };
}

/** What the supervisor sends to a worker that must stop at once. */
export const STOP_NOW = 'stopNow';

/**
 * For a forked worker. Signals only ever drain, as one Ctrl-C arrives twice: from the terminal and
 * through the supervisor. A dead supervisor drains too; only a living one can hurry.
 */
export function stopOnSupervisor(): StopRequest {
  const requested = deferred<StopSignal>();
  const urgent = deferred<true>();
  for (const signal of STOP_SIGNALS) process.on(signal, () => requested.resolve(signal));
  process.once('disconnect', () => requested.resolve('SIGTERM'));
  process.on('message', (message) => {
    if (message === STOP_NOW) urgent.resolve(true);
  });
  return { requested: requested.promise, urgent: urgent.promise };
}
