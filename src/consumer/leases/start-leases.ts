import type { Renew } from '../../program-handler/index.js';
import type { Logger } from '../../telemetry/logger.js';
import { LeaseKeeper } from './lease-keeper.js';
import type { LeaseServiceEvents } from './lease-service.js';
import type { LeaseThreadData } from './lease-thread-protocol.js';
import { Leases } from './leases.js';
import { startThreadService } from './thread-service.js';

export interface LeaseOptions {
  /** undefined: leases are kept in this thread. */
  readonly thread: Omit<LeaseThreadData, 'heartbeat'> | undefined;
  readonly leaseMs: number;
  /** Renews on the executor's own pool, where there is no thread. */
  readonly renew: Renew;
  readonly logger: Logger;
}

/** A lease that is longer than this, in milliseconds, outlasts the loading of a thread on a machine that is very busy. */
const OUTLASTS_LOADING_MS = 30_000;

/**
 * Leases kept by a thread of their own or, where that is not possible, by this one. Resolves when claims may be made:
 * a short lease could end before a thread that is still loading renews it.
 */
export async function startLeases({ thread, leaseMs, renew, logger }: LeaseOptions): Promise<Leases> {
  const leases = new Leases();
  const events: LeaseServiceEvents = {
    onReport: (report) => leases.report(report),
    onBlocked: (blockedMs) => logger.warn('event-loop-blocked', { blocked_ms: blockedMs }),
    onFailure: (error) => {
      logger.error('lease-thread-failed', { error_message: String(error) });
      useMainThread();
    },
  };
  const useMainThread = () => leases.use(new LeaseKeeper(leaseMs, renew, events.onReport));

  if (thread) {
    const service = startThreadService(thread, events);
    leases.use(service);
    if (leaseMs < OUTLASTS_LOADING_MS) await service.loaded;
  } else {
    logger.warn('leases-in-main-thread', {
      reason:
        'no second connection can be made from the knex given; a job that blocks the event loop loses its lease',
      remedy: 'give knex a client by name and its connection as plain settings, not as a function or a pool',
    });
    useMainThread();
  }
  return leases;
}
