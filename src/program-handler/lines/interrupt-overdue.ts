import { interruptionOf } from '../../program/interruption.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { toBatchRow } from './batch-row.js';
import { interruptBatch } from './interrupt-batch.js';
import type { LineTables } from './line-tables.js';
import { tallied } from './tally.js';

/** Batches that run for too long are interrupted also while nothing of them ends. */
export async function interruptOverdue(trx: GroupTransaction, t: LineTables): Promise<void> {
  const rows = await trx.read(
    `select b.*, ${t.terms.nowMs} as now_ms from ${t.batches} b
     where status = 'active' and interruption like '%maxRuntimeMs%' order by id ${t.terms.skipLocked}`,
  );
  for (const batch of rows.map(toBatchRow)) {
    const { maxRuntimeMs } = batch.criteria;
    const overdue =
      maxRuntimeMs === undefined ? undefined : interruptionOf({ maxRuntimeMs }, tallied(batch, []).tally);
    if (overdue) await interruptBatch(trx, t, batch, overdue);
  }
}
