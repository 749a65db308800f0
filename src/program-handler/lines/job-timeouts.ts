import type { InterruptionCriteria } from '../../program/interruption.js';
import type { Line } from '../../program/line.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { parseJson } from '../rows.js';
import { forIds, type LineTables } from './line-tables.js';

const MOST_KNOWN = 10_000;

/** Reads what the batches of these lines say that an attempt may take, unless it is known already. */
export async function learnJobTimeouts(
  trx: GroupTransaction,
  t: LineTables,
  lines: Iterable<Line>,
): Promise<void> {
  const { jobTimeouts, batches } = t;
  const ids = new Set<number>();
  for (const { batchId } of lines) if (batchId !== null && !jobTimeouts.has(batchId)) ids.add(batchId);
  if (ids.size === 0) return;
  if (jobTimeouts.size > MOST_KNOWN) jobTimeouts.clear();
  const { text, values } = forIds(t, `select id, interruption from ${batches}`, 'id', [...ids]);
  for (const row of await trx.read(text, values)) {
    const { jobTimeoutMs = Infinity } = parseJson(row['interruption'], {}) as InterruptionCriteria;
    jobTimeouts.set(Number(row['id']), jobTimeoutMs);
  }
}
