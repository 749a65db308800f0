/** Every code an error of this package can carry; `docs/reference/errors.md` explains each. */
export type ErrorCode =
  | 'PE_BATCH_ENDED'
  | 'PE_BATCH_EXISTS'
  | 'PE_BATCH_NOT_FOUND'
  | 'PE_BATCH_TIMEOUT'
  | 'PE_CLOSED'
  | 'PE_CONFIG'
  | 'PE_CRASH_TEST'
  | 'PE_DATABASE_UNAVAILABLE'
  | 'PE_DRAIN_TIMEOUT'
  | 'PE_DUPLICATE_JOB'
  | 'PE_EXPIRED'
  | 'PE_IDEMPOTENCY_CONFLICT'
  | 'PE_INVALID_JOB'
  | 'PE_INVALID_JOB_INPUT'
  | 'PE_INVALID_PROGRAM'
  | 'PE_JOB_TIMEOUT'
  | 'PE_LEASE_LOST'
  | 'PE_LOST_TOO_OFTEN'
  | 'PE_PAYLOAD_TOO_LARGE'
  | 'PE_PROGRAM_NOT_FOUND'
  | 'PE_PROGRAM_STATE'
  | 'PE_SCHEMA_LOCKED'
  | 'PE_SQLITE_DRIVER_MISSING'
  | 'PE_STOPPED'
  | 'PE_UNKNOWN_JOB'
  | 'PE_UNREADABLE_ROW'
  | 'PE_UNSUPPORTED_DATABASE';

/** The base of every error this package creates itself: a stable `code`, the `cause` kept. */
export class ProgramExecutorError extends Error {
  override readonly name: string = 'ProgramExecutorError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
