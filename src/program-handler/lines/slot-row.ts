import type { Line } from '../../program/line.js';
import type { Row } from '../rows.js';
import type { LineTables } from './line-tables.js';

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

/**
 * That slot `s` is of a pool. On PostgreSQL those with a key and those without are in an index each, and it takes both
 * where it is asked for both.
 */
export const IS_OF_POOL = `s.pool_id = ? and (s.line_key = '' or s.line_key <> '')`;

/** An insert of a slot for each program `p` of `claimed`, a table or what a statement has returned. */
export function takingSlots({ slots, lines }: LineTables, claimed: string): string {
  return `
    insert into ${slots} (program_id, claimed_by, line_id, pool_id, batch_id, line_key)
    select p.id, p.claimed_by, l.id, l.pool_id, l.batch_id, l.line_key
    from ${claimed} p join ${lines} l on l.id = p.line_id`;
}
