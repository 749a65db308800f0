import type { Logger } from '../../src/telemetry/logger.js';

const ignore = () => undefined;

/** For tests in which nothing is logged that matters. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
