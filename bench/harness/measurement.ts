import type { Contender } from '../contenders/contender.js';

/** What one run of one contender gave. */
export interface Measurement {
  value: number;
  /** CPU time by process, in milliseconds. */
  cpuMs: Record<string, number>;
  /** How many programs `cpuMs` was spent on. */
  programs: number;
  /** Further figures of the run, by name with unit, for instance `p99 ms`. */
  figures?: Record<string, number>;
  /** The value at each percent from 0 to 100, where one run gives many values. */
  distribution?: number[];
}

/** All runs of one contender within one scenario. */
export interface Series {
  label: string;
  system: string;
  measurements: Measurement[];
}

export function newSeries({ label, system }: Pick<Contender, 'label' | 'system'>): Series {
  return { label, system, measurements: [] };
}
