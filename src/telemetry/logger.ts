import jsonLogger from '@emartech/json-logger';
import { messageOf } from '../errors/index.js';

/**
 * What the executor logs through; @emartech/json-logger fits as it is.
 * `action` says what happened, `data` holds plain fields. No payload, URL or SQL value is ever passed. What it throws
 * or rejects with changes nothing.
 */
export interface Logger {
  debug(action: string, data?: object): void;
  info(action: string, data?: object): void;
  warn(action: string, data?: object): void;
  error(action: string, data?: object): void;
  /** False: lines of every single job are not even put together. Left out: they are. */
  isEnabled?(): boolean;
}

/** Logs what happens with every job; `data` is made only for a logger that wants it. */
export function logEachTime(logger: Logger, action: string, data: () => object): void {
  if (logger.isEnabled?.() !== false) logger.info(action, data());
}

/** The same logger, but what it throws or rejects with changes nothing; the process is warned of that once. */
export function safeLogger(logger: Logger): Logger {
  const onError = once((error: unknown) =>
    process.emitWarning(
      `The logger failed, and lines are lost: ${messageOf(error)}`,
      'ProgramExecutorWarning',
    ),
  );
  const safe =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (action: string, data?: object): void => {
      attempt(() => logger[level](action, data), onError);
    };
  return {
    debug: safe('debug'),
    info: safe('info'),
    warn: safe('warn'),
    error: safe('error'),
    isEnabled: () => attempt(() => logger.isEnabled?.(), onError) !== false,
  };
}

/** What `work` returns; undefined when it throws. */
function attempt<T>(work: () => T, onError: (error: unknown) => void): T | undefined {
  try {
    const result = work();
    if (result instanceof Promise) result.catch(onError);
    return result;
  } catch (error) {
    onError(error);
    return undefined;
  }
}

function once(callback: (error: unknown) => void): (error: unknown) => void {
  let isDone = false;
  return (error) => {
    if (!isDone) callback(error);
    isDone = true;
  };
}

/** A logger whose lines appear when `DEBUG` enables its namespace. */
export function createLogger(namespace: string): Logger {
  return jsonLogger.createLogger(namespace);
}
