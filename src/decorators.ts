import type { ExecutorConfig } from './config/index.js';
import type { Dialect } from './program-handler/index.js';
import type { QueueManager } from './queue-manager/index.js';

/**
 * What is put around the two parts that talk to servers, in order to look at every call, to delay it, or to
 * die before or after it. Not public: for fault tests and for `crashTest`.
 */
export interface Decorators {
  readonly dialect: (dialect: Dialect) => Dialect;
  readonly queue: (queue: QueueManager) => QueueManager;
}

const NONE: Decorators = { dialect: (itself) => itself, queue: (itself) => itself };

// A symbol: no key of a configuration that somebody writes can stand in its way.
const DECORATORS = Symbol('decorators');

/** The same configuration, for an executor whose parts are decorated. */
export function decorated(config: ExecutorConfig, decorators: Partial<Decorators>): ExecutorConfig {
  return { ...config, [DECORATORS]: decorators } as ExecutorConfig;
}

export function decoratorsOf(config: ExecutorConfig): Decorators {
  return { ...NONE, ...(config as { [DECORATORS]?: Partial<Decorators> })[DECORATORS] };
}
