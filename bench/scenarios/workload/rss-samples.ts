import { residentBytes } from '../../harness/cpu-time.js';
import type { DriverProcess } from '../../harness/driver-process.js';
import { slope } from '../../statistics/summary.js';

const BYTES_PER_MB = 2 ** 20;
/** What a process allocates while it becomes warm says nothing about its later life. */
const WARM_UP_SHARE = 0.25;

export interface RssSample {
  atS: number;
  mb: number;
}

/** Samples the memory that processes hold until `stop` is called. */
export function sampleRss(
  processes: readonly DriverProcess[],
  everyMs: number,
): { stop: () => Record<string, RssSample[]> } {
  const startedAtMs = performance.now();
  const samples = new Map(processes.map((process) => [process.role, [] as RssSample[]]));
  const timer = setInterval(() => {
    const atS = (performance.now() - startedAtMs) / 1_000;
    for (const { role, pid } of processes)
      samples.get(role)?.push({ atS, mb: residentBytes(pid) / BYTES_PER_MB });
  }, everyMs);
  // A scenario that fails never comes to `stop`.
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return Object.fromEntries(samples);
    },
  };
}

/** The most, and the growth once warm. */
export function describeRss(role: string, samples: readonly RssSample[]): Record<string, number> {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  return {
    [`${role} max MB`]: Math.max(...samples.map(({ mb }) => mb)),
    [`${role} MB/min`]: slope(warm.map(({ atS, mb }) => ({ x: atS / 60, y: mb }))),
  };
}
