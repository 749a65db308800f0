import type { ExecutorConfig } from './config/index.js';
import type { Dialect } from './program-handler/index.js';
import type { QueueManager } from './queue-manager/index.js';

/**
 * What is put around the two parts that talk to servers, in order to look at every call, to delay it, or to
 * die before or after it. Not public: for tests of faults, and for `crashTest`. Leases that a thread of their own keeps are renewed
 * past it.
 */
export interface Decorators {
  readonly dialect: (dialect: Dialect) => Dialect;
  readonly queue: (queue: QueueManager) => QueueManager;
}

// A symbol: no key of a configuration that somebody writes can stand in its way.
const DECORATORS = Symbol('decorators');

interface DecoratedConfig extends ExecutorConfig {
  readonly [DECORATORS]?: Decorators;
}

/** The same configuration, for an executor whose parts are decorated; what is around them already stays inside. */
export function decorated(
  config: ExecutorConfig,
  { dialect = asItIs, queue = asItIs }: Partial<Decorators>,
): ExecutorConfig {
  const inner = decoratorsOf(config);
  const both: Decorators = {
    dialect: (itself) => dialect(inner.dialect(itself)),
    queue: (itself) => queue(inner.queue(itself)),
  };
  const result: DecoratedConfig = { ...config, [DECORATORS]: both };
  return result;
}

export function decoratorsOf(config: DecoratedConfig): Decorators {
  return config[DECORATORS] ?? { dialect: asItIs, queue: asItIs };
}

function asItIs<Part>(part: Part): Part {
  return part;
}

/** The same dialect as plain functions, for `{ ...plain(dialect), insert: … }`: it may be an object of a class. */
export function plain(dialect: Dialect): Dialect {
  return {
    terms: dialect.terms,
    commitsAtOnce: dialect.commitsAtOnce,
    isBlocking: dialect.isBlocking,
    insert: (programs, db) => dialect.insert(programs, db),
    claimRung: (runIds, terms) => dialect.claimRung(runIds, terms),
    claimDue: (search, terms) => dialect.claimDue(search, terms),
    untilDueMs: (graceMs) => dialect.untilDueMs(graceMs),
    transition: (changes, db) => dialect.transition(changes, db),
    beginWork: (trx) => dialect.beginWork(trx),
    inTransaction: (work) => dialect.inTransaction(work),
    within: (trx) => dialect.within(trx),
    read: (text, values) => dialect.read(text, values),
    survey: (text) => dialect.survey(text),
    saveJobData: (writes) => dialect.saveJobData(writes),
    renew: (claims, leaseMs) => dialect.renew(claims, leaseMs),
  };
}
