import { interruptionOf, type Interruption } from '../../program/interruption.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { toBatchRow, type BatchRow } from './batch-row.js';
import { lockBatch } from './count-in-batches.js';
import { interruptBatch } from './interrupt-batch.js';
import type { LineTables } from './line-tables.js';
import { tallied } from './tally.js';

/** Batches that run for too long are interrupted also while nothing of them ends. */
export async function interruptOverdue(trx: GroupTransaction, t: LineTables): Promise<void> {
  const rows = await trx.read(
    `select b.*, ${t.terms.nowMs} as now_ms from ${t.batches} b
     where status = 'active' and interruption like '%maxRuntimeMs%' order by id`,
  );
  for (const { id } of rows.map(toBatchRow).filter(overdue)) {
    const batch = await lockBatch(trx, t, id);
    const interruption = batch?.status === 'active' ? overdue(batch) : undefined;
    if (batch && interruption) await interruptBatch(trx, t, batch, interruption);
  }
}

function overdue(batch: BatchRow): Interruption | undefined {
  const { maxRuntimeMs } = batch.criteria;
  return maxRuntimeMs === undefined ? undefined : interruptionOf({ maxRuntimeMs }, tallied(batch, []).tally);
}
