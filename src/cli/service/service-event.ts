import type { StopSignal } from '../exit-code.js';
import { oneLine } from '../render/format.js';

/** What the service tells about itself on stdout. */
export type ServiceEvent =
  | { readonly event: 'starting'; readonly pid: number }
  | { readonly event: 'ready'; readonly pid: number; readonly jobs: readonly string[] }
  | {
      readonly event: 'draining';
      readonly pid: number;
      readonly signal: StopSignal;
      readonly graceMs: number;
    }
  | { readonly event: 'strayError'; readonly pid: number; readonly error: string; readonly graceMs: number }
  | { readonly event: 'hurrying'; readonly pid: number }
  | { readonly event: 'crashed'; readonly pid: number; readonly how: string; readonly restartInMs: number }
  | {
      readonly event: 'startFailed';
      /** The supervisor's, as there is no other. */
      readonly pid: number;
      readonly how: string;
      readonly restartInMs: number;
    }
  | { readonly event: 'gaveUp'; readonly pid: number; readonly how: string }
  | { readonly event: 'handedOver'; readonly pid: number; readonly programs: number }
  | { readonly event: 'handOverFailed'; readonly pid: number; readonly reason: string }
  | { readonly event: 'killed'; readonly pid: number }
  | { readonly event: 'stopped'; readonly pid: number; readonly exitCode: number };

type Restart = Extract<ServiceEvent, { readonly restartInMs: number }>;

export type Report = (event: ServiceEvent) => void;

/** The event as a line for people. */
export function describeServiceEvent(event: ServiceEvent): string {
  return oneLine('restartInMs' in event ? textOfRestart(event) : textOf(event), Infinity);
}

function textOfRestart({ event, pid, how, restartInMs }: Restart): string {
  if (event === 'startFailed') return `${pid} starts a worker again in ${restartInMs / 1_000} s: one ${how}`;
  return `worker ${pid} ended (${how}), a new one starts in ${restartInMs / 1_000} s`;
}

function textOf(event: Exclude<ServiceEvent, Restart>): string {
  switch (event.event) {
    case 'starting':
      return `worker ${event.pid} starting`;
    case 'ready':
      return `worker ${event.pid} ready, jobs: ${event.jobs.join(', ')}`;
    case 'draining':
      return `${event.pid} got ${event.signal}: draining for up to ${event.graceMs / 1_000} s`;
    case 'strayError':
      return `${event.pid} drains for up to ${event.graceMs / 1_000} s and ends, as nobody handled: ${event.error}`;
    case 'hurrying':
      return `${event.pid} got a second signal: stopping at once`;
    case 'gaveUp':
      return `worker ${event.pid} ended (${event.how}), giving up`;
    case 'handedOver':
      return `worker ${event.pid} held ${event.programs} programs; others can take them now`;
    case 'handOverFailed':
      return `worker ${event.pid}: others cannot take its programs yet (${event.reason})`;
    case 'killed':
      return `worker ${event.pid} did not stop in time and was killed; its programs are taken over`;
    case 'stopped':
      return `${event.pid} stopped`;
  }
}
