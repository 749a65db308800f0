import { deferred } from './deferred.js';

/** An error that nobody handles: a job did not wait for all that it began, or threw in a timer of its own. */
export interface StrayError {
  readonly error: unknown;
}

/**
 * Resolves with the first one. None of them ends the process from now on: other programs run in it.
 * @param tell hears of each, as nobody else does
 */
export function firstStrayError(tell: (stray: StrayError) => void): Promise<StrayError> {
  const first = deferred<StrayError>();
  for (const event of ['unhandledRejection', 'uncaughtException'] as const)
    process.on(event, (error: unknown) => {
      tell({ error });
      first.resolve({ error });
    });
  return first.promise;
}
