import type { DatabaseAddress } from '../../config/index.js';
import type { DialectChoice } from '../../program-handler/index.js';
import type { LeaseReport } from './lease-keeper.js';
import type { LeasePage } from './lease-page.js';

/** What the lease thread starts with. */
export interface LeaseThreadData {
  readonly address: DatabaseAddress;
  readonly tableName: string;
  readonly dialect: DialectChoice;
  readonly leaseMs: number;
  readonly maxBlockedMs: number;
  /** One Int32: the main thread counts it up as long as its event loop turns. */
  readonly heartbeat: SharedArrayBuffer;
}

export type ToLeaseThread = { readonly kind: 'page'; readonly page: LeasePage } | { readonly kind: 'close' };

export type FromLeaseThread =
  LeaseReport | { readonly kind: 'blocked'; readonly blockedMs: number } | { readonly kind: 'loaded' };

/** How often the main thread shows that it is alive. */
export const HEARTBEAT_MS = 250;
