import type { LeaseReport } from './lease-keeper.js';
import type { LeasePage } from './lease-page.js';

/** Where leases are kept: in a thread of their own or in this one. */
export interface LeaseService {
  /** Keeps the leases of the claims that are written there, from now on. */
  add(page: LeasePage): void;
  /** Never rejects. */
  close(): Promise<void>;
}

/** What a service tells the worker. */
export interface LeaseServiceEvents {
  onReport(report: LeaseReport): void;
  /** The event loop hung for so long. */
  onBlocked(blockedMs: number): void;
  /** The service is no more; its claims need another one. */
  onFailure(error: unknown): void;
}
