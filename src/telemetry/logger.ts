import jsonLogger from '@emartech/json-logger';

/**
 * What the executor logs through; @emartech/json-logger fits as it is.
 * `action` says what happened, `data` holds plain fields. No payload, URL or SQL value is ever passed.
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

/** A logger whose lines appear when `DEBUG` enables its namespace. */
export function createLogger(namespace: string): Logger {
  return jsonLogger.createLogger(namespace);
}
