export { isOverdue, type LossReason } from './lease-keeper.js';
export type { Lease, LeaseListener, Leases } from './leases.js';
export { startLeases } from './start-leases.js';
