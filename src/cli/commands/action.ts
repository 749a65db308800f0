import type { ExitCode } from '../exit-code.js';

/** Runs what a command does, and keeps the exit code it gives. */
export type Action = (work: () => Promise<ExitCode>) => Promise<void>;
