import { CommanderError } from 'commander';
import { ProgramExecutorError, type ErrorCode } from '../errors/index.js';
import { UsageError } from './usage-error.js';

export const EXIT = { ok: 0, failed: 1, usage: 2, findings: 4, SIGINT: 130, SIGTERM: 143 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Signals that ask a service to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM';
export const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** What only a change of the command line, the configuration or the job files can mend. */
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PE_CONFIG',
  'PE_DUPLICATE_JOB',
  'PE_INVALID_JOB',
  'PE_INVALID_PROGRAM',
  'PE_PAYLOAD_TOO_LARGE',
  'PE_SQLITE_DRIVER_MISSING',
  'PE_UNSUPPORTED_DATABASE',
]);

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof ProgramExecutorError && USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
}
