import type { Line } from '../../program/line.js';
import type { Row } from '../rows.js';

/** The line from which the program of a slot runs; its pool's name and its priority are not in the slot. */
export function lineOfSlot(slot: Row): Line {
  const batchId = Number(slot['batch_id']);
  return {
    id: Number(slot['line_id']),
    poolId: Number(slot['pool_id']),
    pool: '',
    batchId: batchId === 0 ? null : batchId,
    key: String(slot['line_key']),
    priority: 0,
  };
}
