import { BatchNotFoundError } from '../errors/index.js';
import type { BatchSummary, Reports } from '../program-handler/reports/index.js';
import { UsageError } from './usage-error.js';

/** How a command line names a batch. */
export interface BatchChoice {
  readonly code: string | undefined;
  readonly latest: boolean | undefined;
}

/** @throws UsageError where both a code and `--latest` are given */
export function checkChoice({ code, latest }: BatchChoice): void {
  if (code !== undefined && latest) throw new UsageError('Give either the code of a batch or --latest');
}

/**
 * The batch with this code, or the one that was created last.
 * @throws Error where there is none
 */
export async function chosenBatch(reports: Reports, { code }: BatchChoice): Promise<BatchSummary> {
  if (code !== undefined) return requireBatch(reports, code);
  const latest = await reports.latestBatch();
  if (!latest) throw new Error('There are no batches');
  return latest;
}

/** @throws BatchNotFoundError */
export async function requireBatch(reports: Reports, code: string): Promise<BatchSummary> {
  const batch = await reports.batch(code);
  if (!batch) throw new BatchNotFoundError(code);
  return batch;
}
