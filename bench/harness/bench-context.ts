import type { BenchOptions } from '../cli/options.js';

/** What every scenario has: the servers of this run, and what the command line asks for. */
export interface BenchContext {
  options: BenchOptions;
  /** By server name. */
  urls: Readonly<Record<string, string>>;
  /** By server name; without those that run elsewhere. */
  serverPids: Readonly<Record<string, number>>;
  /** The Node.js that runs every system. */
  nodePath: string;
  /** For files of this run. */
  folder: string;
  signal: AbortSignal;
}
