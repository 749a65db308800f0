import { toErrorRecord } from '../../errors/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Report } from './service-event.js';
import type { StopRequest } from './stop-request.js';
import { firstStrayError, type StrayError } from './stray-error.js';

/** A worker that is running programs in this process. */
export interface RunningWorker {
  /** What its claims are made under. */
  readonly id: string;
  readonly jobs: readonly string[];
  /** Waits up to `timeoutMs` for running jobs, aborts the rest, releases their programs, closes connections. */
  stop(timeoutMs: number): Promise<void>;
}

export type StartWorker = () => Promise<RunningWorker>;

/** Aborting jobs (the worker gives them 3 s), releasing their programs and closing connections may take so long. */
export const RELEASE_MS = 4_000;
/** A second signal ends the process within a second, and this leaves it time to exit. */
const HURRIED_RELEASE_MS = 650;

/**
 * Runs a worker in this process until it is asked to stop, or an error that nobody handles makes it give way.
 * @returns the exit code of the signal when everything was released; 1 when that did not end in time, or after
 * such an error
 */
export async function runWorker(
  start: StartWorker,
  stop: StopRequest,
  options: { graceMs: number; report: Report; onReady?: (workerId: string) => void },
): Promise<ExitCode> {
  const { graceMs, report } = options;
  const { pid } = process;
  report({ event: 'starting', pid });
  const starting = start();
  const stopping = stop.requested.then(() => undefined);
  const ready = await Promise.race([starting, stopping]);
  if (ready) {
    // First, so that the supervisor knows the worker before it claims anything.
    options.onReady?.(ready.id);
    report({ event: 'ready', pid, jobs: ready.jobs });
  }
  const strayError = firstStrayError((stray) => reportStray(stray, graceMs, report));
  const reason = await Promise.race([stop.requested, strayError]);
  if (typeof reason === 'string') report({ event: 'draining', pid, signal: reason, graceMs });
  const released = await Promise.race([
    within(stopWorker(starting, graceMs), graceMs + RELEASE_MS),
    hurry(starting, stop, report),
  ]);
  const exitCode = released && typeof reason === 'string' ? EXIT[reason] : EXIT.failed;
  report({ event: 'stopped', pid, exitCode });
  return exitCode;
}

function reportStray(stray: StrayError, graceMs: number, report: Report): void {
  const { name, message, stack = `${name}: ${message}` } = toErrorRecord(stray.error);
  report({ event: 'strayError', pid: process.pid, error: stack, graceMs });
}

async function hurry(starting: Promise<RunningWorker>, stop: StopRequest, report: Report): Promise<boolean> {
  await stop.urgent;
  report({ event: 'hurrying', pid: process.pid });
  return within(stopWorker(starting, 0), HURRIED_RELEASE_MS);
}

async function stopWorker(starting: Promise<RunningWorker>, timeoutMs: number): Promise<void> {
  const worker = await starting;
  await worker.stop(timeoutMs);
}

/** True when the work ended within its time. */
async function within(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
