import type { HeldClaim, LeaseReport } from './lease-keeper.js';

/** Where leases are kept: in a thread of their own or in this one. */
export interface LeaseService {
  hold(claims: readonly HeldClaim[]): void;
  release(keys: readonly string[]): void;
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
