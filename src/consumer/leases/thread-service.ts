import { Worker } from 'node:worker_threads';
import { within } from '../../within.js';
import type { LeaseService, LeaseServiceEvents } from './lease-service.js';
import {
  HEARTBEAT_MS,
  type FromLeaseThread,
  type LeaseThreadData,
  type ToLeaseThread,
} from './lease-thread-protocol.js';

/** The thread ends by itself when it is told to; one that hangs in its database is ended by force. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface ThreadService extends LeaseService {
  /** Resolves when the thread can keep leases, or is no more. */
  readonly loaded: Promise<void>;
}

/** Keeps leases in a thread of its own. */
export function startThreadService(
  options: Omit<LeaseThreadData, 'heartbeat'>,
  events: LeaseServiceEvents,
  closeTimeoutMs = CLOSE_TIMEOUT_MS,
): ThreadService {
  const heartbeat = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const beats = new Int32Array(heartbeat);
  const beating = setInterval(() => Atomics.add(beats, 0, 1), HEARTBEAT_MS).unref();
  const workerData: LeaseThreadData = { ...options, heartbeat };
  const thread = new Worker(new URL('./lease-thread.js', import.meta.url), { workerData, name: 'leases' });

  let isClosing = false;
  let isLoaded = false;
  const fail = (error: unknown) => {
    clearInterval(beating);
    if (isClosing) return;
    isClosing = true;
    events.onFailure(error);
  };
  thread.on('error', fail);
  thread.on('exit', (code) => fail(new Error(`The lease thread ended with exit code ${code}`)));
  thread.on('message', (message: FromLeaseThread) => {
    if (message.kind === 'blocked') events.onBlocked(message.blockedMs);
    else if (message.kind !== 'loaded') events.onReport(message);
  });
  const loaded = loadedOrEnded(thread);
  // Until then it keeps the process alive, as somebody may wait for it.
  void loaded.then(() => {
    isLoaded = true;
    if (!isClosing) thread.unref();
  });

  /** One that is still loading will end by itself: by force, Node would keep the files open that it reads. */
  const leave = async () => {
    if (isLoaded) await thread.terminate();
    else thread.unref();
  };
  const post = (message: ToLeaseThread) => thread.postMessage(message);
  return {
    loaded,
    add: (page) => post({ kind: 'page', page }),
    close: async () => {
      if (isClosing) return;
      isClosing = true;
      thread.ref();
      const exited = new Promise<true>((resolve) => thread.once('exit', () => resolve(true)));
      post({ kind: 'close' });
      if (!(await within(closeTimeoutMs, exited))) await leave();
      clearInterval(beating);
    },
  };
}

function loadedOrEnded(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    thread.on('message', ({ kind }: FromLeaseThread) => kind === 'loaded' && resolve());
    thread.once('exit', () => resolve());
  });
}
