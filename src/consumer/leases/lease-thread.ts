/** The lease thread: keeps leases on a connection of its own, so that a job may block the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { openAddress } from '../../config/index.js';
import { createRenewal, describeFault, isPermanentFault, type Renew } from '../../program-handler/index.js';
import { createLogger } from '../../telemetry/logger.js';
import { LeaseKeeper } from './lease-keeper.js';
import {
  HEARTBEAT_MS,
  type FromLeaseThread,
  type LeaseThreadData,
  type ToLeaseThread,
} from './lease-thread-protocol.js';
import { watchHeartbeat } from './watchdog.js';

const data = workerData as LeaseThreadData;
const knex = openAddress(data.address, createLogger('program-executor-lease-thread'));
const post = (message: FromLeaseThread) => parentPort?.postMessage(message);
const renewal = createRenewal(knex, data.tableName, data.dialect, data.leaseMs);
let hasRenewed = false;

/** Leaves leases to the main thread where this connection turns out not to be what those of the pool are. */
const renew: Renew = async (claims) => {
  try {
    const renewed = await renewal(claims);
    hasRenewed = true;
    return renewed;
  } catch (error) {
    // A hook of the pool, say, sets a role or a search path: what is refused without is refused each time.
    if (!hasRenewed && isPermanentFault(error)) fail(error);
    throw error;
  }
};
const keeper = new LeaseKeeper(data.leaseMs, renew, post);
const watchdog = watchHeartbeat(new Int32Array(data.heartbeat), HEARTBEAT_MS, data.maxBlockedMs, {
  onTooLong: () => keeper.giveUp('blocked'),
  onRecovered: (blockedMs) => post({ kind: 'blocked', blockedMs }),
});

/** Ends the thread; the main thread hears why. */
function fail(error: unknown): void {
  setImmediate(() => {
    throw new Error(describeFault(error).error_message);
  });
}

async function close(): Promise<void> {
  clearInterval(watchdog);
  await keeper.close();
  await knex.destroy();
  parentPort?.close();
}

parentPort?.on('message', (message: ToLeaseThread) => {
  if (message.kind === 'page') keeper.add(message.page);
  else void close();
});
post({ kind: 'loaded' });
