import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError, type JobContext, type JobDataHandler } from '../../../index.js';
import { ODD_THINGS } from './odd-things.js';
import type { Action } from './protocol.js';

export interface ActionParts {
  readonly context: JobContext;
  readonly data: JobDataHandler;
  /** Resolves when the gate is open. */
  readonly gate: Promise<void>;
  /** Whether it was from the start. */
  readonly isGateOpen: boolean;
}

/** The message of the rejection that `leaveRejection` leaves. */
export const STRAY_REJECTION = 'nobody handles this';

type Performance<Kind> = (action: Extract<Action, { kind: Kind }>, parts: ActionParts) => unknown;

const PERFORMANCES: { readonly [Kind in Action['kind']]: Performance<Kind> } = {
  hold: async (_action, { context: { signal }, gate }) => {
    signal.throwIfAborted();
    await Promise.race([gate, once(signal, 'abort')]);
    signal.throwIfAborted();
  },
  holdDeaf: (_action, { gate }) => gate,
  take: ({ ms }, { context: { signal } }) => delay(ms, undefined, { signal }),
  block: ({ ms }) => block(ms),
  blockUntil: ({ file }, { isGateOpen }) => {
    while (!isGateOpen && !existsSync(file)) block(50);
  },
  neverEnd: () => new Promise(() => undefined),
  save: (_action, { data }) => data.set({ isSaved: true }),
  throw: ({ thing }) => {
    throw ODD_THINGS[thing].make();
  },
  retryOnce: ({ afterMs }, { context: { attempt } }) => {
    if (attempt === 1) throw new RetryableError('once more', undefined, { retryAfterMs: afterMs });
  },
  exit: () => process.exit(1),
  abort: () => process.abort(),
  exhaustMemory: () => {
    const hoard: unknown[] = [];
    for (;;) hoard.push(new Array<number>(1_000_000).fill(0.5));
  },
  leaveRejection: () => void Promise.reject(new Error(STRAY_REJECTION)),
};

/** Resolves when the job has done what it was told to; rejects with what it throws. */
export async function perform(action: Action, parts: ActionParts): Promise<void> {
  // Each kind has a performance of its own; that they fit each other is beyond what types can say.
  const performance = PERFORMANCES[action.kind] as Performance<Action['kind']>;
  await performance(action, parts);
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
