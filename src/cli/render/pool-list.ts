import type { Limits, Pool } from '../../pools/pools.js';
import type { Colours } from './colours.js';
import { duration, oneLine } from './format.js';
import { table } from './table.js';

const HEAD = ['Pool', 'Status', 'Running', 'At most', 'Waiting', 'Rate', 'Tokens', 'Per key'];

export function renderPools(pools: readonly Pool[], colours: Colours): string {
  if (pools.length === 0) return 'No pools found.';
  return table(
    HEAD,
    pools.map((pool) => rowOf(pool, colours)),
  );
}

/** What holds the slots of a pool. */
export function renderHolders({ holders }: Pool): string {
  if (holders.length === 0) return 'Nothing runs in it.';
  return table(
    ['ID', 'Key', 'Worker'],
    holders.map(({ runId, key, claimedBy }) => [oneLine(runId), oneLine(key), oneLine(claimedBy)]),
  );
}

function rowOf(pool: Pool, colours: Colours) {
  const { name, running, maxParallelism, waiting, tokens, perKey = {} } = pool;
  return [
    oneLine(name),
    pool.isPaused || maxParallelism === 0 ? colours.yellow('paused') : 'open',
    running,
    String(maxParallelism ?? '-'),
    waiting,
    rateOf(pool),
    String(tokens ?? '-'),
    perKeyOf(perKey),
  ];
}

function rateOf({ rateLimit }: Limits): string {
  return rateLimit ? `${rateLimit.requests} in ${duration(rateLimit.windowMs)}` : '-';
}

function perKeyOf(limits: Limits): string {
  const parts = [
    ...(limits.maxParallelism === undefined ? [] : [`${limits.maxParallelism} at once`]),
    ...(limits.rateLimit === undefined ? [] : [rateOf(limits)]),
  ];
  return parts.join(', ') || '-';
}
