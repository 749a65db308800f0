/**
 * What a job throws to say how its program goes on. The marker properties decide, not the class:
 * any thrown thing with `retryable: true` is retried, also one from another copy of this package.
 */

interface RetryableOptions extends ErrorOptions {
  /** Wait this many milliseconds before the next attempt, instead of the policy's back-off. */
  retryAfterMs?: number;
}

/** The program comes back later and runs this job again; earlier jobs are not repeated. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  readonly retryable = true;
  readonly code: number | string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message?: string, code?: number | string, options?: RetryableOptions) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }

  /** Marks an existing error as retryable and returns it; one that is frozen becomes the cause of a new one. */
  static decorate<E extends object>(error: E): E & { retryable: true } {
    const marked = mark(error, 'retryable') ? error : new RetryableError(...sayingTheSame(error));
    return marked as E & { retryable: true };
  }

  static isRetryable(error: unknown): boolean {
    return hasMarker(error, 'retryable');
  }
}

/** The program ends as errored, without an error-level log line. */
export class IgnorableError extends Error {
  override readonly name = 'IgnorableError';
  readonly ignorable = true;
  readonly code: number | string | undefined;
  readonly response: { status: number | string | undefined };

  constructor(message?: string, code?: number | string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.response = { status: code };
  }

  /** Marks an existing error as ignorable and returns it; one that is frozen becomes the cause of a new one. */
  static decorate<E extends object>(error: E): E & { ignorable: true } {
    const marked = mark(error, 'ignorable') ? error : new IgnorableError(...sayingTheSame(error));
    return marked as E & { ignorable: true };
  }

  static isIgnorable(error: unknown): boolean {
    return hasMarker(error, 'ignorable');
  }
}

/** The program fails at once, whatever the retry policy says. */
export class NonRetryableError extends Error {
  override readonly name = 'NonRetryableError';
  readonly nonRetryable = true;
}

/**
 * The service that the job calls takes no more for a while: the program comes back then without an attempt being
 * spent, and nothing else of its pool (or, where the pool has limits by key, of its key) starts before.
 */
export class RateLimitedError extends Error {
  override readonly name = 'RateLimitedError';
  readonly rateLimited = true;
  /** In milliseconds. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number, message = `Rate limited for ${retryAfterMs} ms`, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Thrown by `checkpoint` when its time is used up: the program yields and runs again at once. */
export class ExecutionTimeExceededError extends Error {
  override readonly name = 'ExecutionTimeExceededError';
  readonly executionTimeExceeded = true;

  constructor(maxExecutionTimeMs: number) {
    super(`The job ran for longer than ${maxExecutionTimeMs} ms and goes on later`);
  }
}

type Marker = 'rateLimited' | 'retryable' | 'ignorable' | 'nonRetryable' | 'executionTimeExceeded';

/** True when the thrown thing carries the marker; reading it never throws, whatever was thrown. */
export function hasMarker(thrown: unknown, marker: Marker): boolean {
  return readProperty(thrown, marker) === true;
}

/** False: it cannot be marked, and is not. */
function mark(error: unknown, marker: Marker): boolean {
  return hasMarker(error, marker) || (isObject(error) && Reflect.set(error, marker, true));
}

/** What a new error is made of to stand for one that is its cause. */
function sayingTheSame(cause: unknown): ConstructorParameters<typeof RetryableError> {
  if (!isObject(cause)) return [String(cause), undefined, { cause }];
  const { message, code, retryAfterMs } = cause as Partial<RetryableError>;
  return [message, code, { cause, ...(retryAfterMs !== undefined && { retryAfterMs }) }];
}

function isObject(thing: unknown): thing is object {
  return thing !== null && (typeof thing === 'object' || typeof thing === 'function');
}

/** The property of anything at all: a getter or Proxy that throws counts as absent. */
export function readProperty(thing: unknown, key: PropertyKey): unknown {
  if (!isObject(thing)) return undefined;
  try {
    return Reflect.get(thing, key);
  } catch {
    return undefined;
  }
}
