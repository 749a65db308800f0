import { cut } from './error-record.js';
import { ProgramExecutorError } from './program-executor-error.js';

/** A setting is wrong or missing; the message names it and says what is expected. */
export class ConfigError extends ProgramExecutorError {
  override readonly name = 'ConfigError';

  /** @param key the setting, dotted as the user wrote it */
  constructor(
    readonly key: string,
    expectation: string,
    options?: ErrorOptions,
  ) {
    super('PE_CONFIG', `${key}: ${expectation}`, options);
  }
}

/** What was given to `createProgram` cannot be a program; the message names the field. Nothing was written. */
export class InvalidProgramError extends ProgramExecutorError {
  override readonly name = 'InvalidProgramError';

  constructor(
    readonly field: string,
    expectation: string,
    options?: ErrorOptions,
  ) {
    super('PE_INVALID_PROGRAM', `${field}: ${expectation}`, options);
  }
}

/** A field is larger than its limit (1 MiB of JSON by default). Nothing was written. */
export class PayloadTooLargeError extends ProgramExecutorError {
  override readonly name = 'PayloadTooLargeError';

  constructor(
    readonly field: string,
    bytes: number,
    limit: number,
  ) {
    super(
      'PE_PAYLOAD_TOO_LARGE',
      `${field}: ${bytes} bytes of JSON, the limit is ${limit}; store it elsewhere and pass a reference`,
    );
  }
}

/** No program has this `runId`. */
export class ProgramNotFoundError extends ProgramExecutorError {
  override readonly name = 'ProgramNotFoundError';

  constructor(readonly runId: string) {
    super('PE_PROGRAM_NOT_FOUND', `Program not found for ${runId}.`);
  }
}

/** What was asked for is not possible in the state that the program is in: it runs, or it is finished. */
export class ProgramStateError extends ProgramExecutorError {
  override readonly name = 'ProgramStateError';

  constructor(
    readonly runId: string,
    readonly state: string,
    advice: string,
  ) {
    super('PE_PROGRAM_STATE', `Program ${runId} is ${state}: ${advice}`);
  }
}

/** Another program was created with this `idempotencyKey`. Nothing was written. */
export class IdempotencyConflictError extends ProgramExecutorError {
  override readonly name = 'IdempotencyConflictError';

  /** @param runId of the program that has the key */
  constructor(
    readonly idempotencyKey: string,
    readonly runId: string,
  ) {
    super(
      'PE_IDEMPOTENCY_CONFLICT',
      `idempotencyKey: ${cut(idempotencyKey, 200)} is that of program ${runId}, which has other jobs or data`,
    );
  }
}

/** Another worker owns the program by now, or it was ended by hand: this run may write nothing more. */
export class LeaseLostError extends ProgramExecutorError {
  override readonly name = 'LeaseLostError';

  constructor(runId: string, reason: string) {
    super('PE_LEASE_LOST', `Program ${runId} no longer belongs to this run: ${reason}`);
  }
}

/** The job ran for longer than its `timeoutMs`; it is retried as if it had thrown a `RetryableError`. */
export class JobTimeoutError extends ProgramExecutorError {
  override readonly name = 'JobTimeoutError';
  readonly retryable = true;

  constructor(job: string, timeoutMs: number) {
    super('PE_JOB_TIMEOUT', `Job ${job} did not end within ${timeoutMs} ms`);
  }
}

/** The worker is stopping; the job's signal carries this as its reason and the program goes back. */
export class WorkerStoppedError extends ProgramExecutorError {
  override readonly name = 'WorkerStoppedError';

  constructor() {
    super('PE_STOPPED', 'The worker is stopping');
  }
}

/** The executor was closed before this could be done. */
export class ClosedError extends ProgramExecutorError {
  override readonly name = 'ClosedError';

  constructor(what: string) {
    super('PE_CLOSED', `${what}: the executor is closed`);
  }
}

/** The database could not be reached within the time limit; `cause` is the driver's error. */
export class DatabaseUnavailableError extends ProgramExecutorError {
  override readonly name = 'DatabaseUnavailableError';

  constructor(what: string, afterMs: number, cause: unknown) {
    super('PE_DATABASE_UNAVAILABLE', `${what}: the database did not answer for ${Math.round(afterMs)} ms`, {
      cause,
    });
  }
}

/** Somebody else holds the lock under which tables are created and completed. Nothing was changed. */
export class SchemaLockedError extends ProgramExecutorError {
  override readonly name = 'SchemaLockedError';

  constructor(table: string, afterSeconds: number) {
    super(
      'PE_SCHEMA_LOCKED',
      `${table}: another session has kept the lock for changes of the tables for ${afterSeconds} s; ` +
        'try again when it has done its work or, where its process is gone, end that session in the database',
    );
  }
}

/** No batch has this id or code. */
export class BatchNotFoundError extends ProgramExecutorError {
  override readonly name = 'BatchNotFoundError';

  constructor(readonly batch: string) {
    super('PE_BATCH_NOT_FOUND', `Batch not found: ${batch}`);
  }
}

/** Another batch has this code. */
export class BatchExistsError extends ProgramExecutorError {
  override readonly name = 'BatchExistsError';

  constructor(batch: string) {
    super(
      'PE_BATCH_EXISTS',
      `There is a batch of this code already: ${batch}; choose another, or add to that one`,
    );
  }
}

/** The batch takes no more programs, and starts none. */
export class BatchEndedError extends ProgramExecutorError {
  override readonly name = 'BatchEndedError';

  constructor(batch: string, status: string) {
    super(
      'PE_BATCH_ENDED',
      `Batch ${batch} is ${status}: nothing is added to it or started in it any more; create another`,
    );
  }
}

/** The batch did not end within the time that its caller wanted to wait. */
export class BatchTimeoutError extends ProgramExecutorError {
  override readonly name = 'BatchTimeoutError';

  constructor(batch: string, timeoutMs: number) {
    super('PE_BATCH_TIMEOUT', `Batch ${batch} did not end within ${timeoutMs} ms`);
  }
}
