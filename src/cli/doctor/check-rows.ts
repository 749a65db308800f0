import type { Reports, RowCounts } from '../../program-handler/reports/index.js';
import { stuckLine } from '../render/batch-report.js';
import { duration } from '../render/format.js';
import { judged, type CheckResult } from './finding.js';

export async function checkStuck(reports: Reports): Promise<CheckResult> {
  const stuck = await reports.stuckPrograms();
  return judged(
    'stuck programs',
    'no progress for more than five minutes',
    stuck.map((program) => ({
      message: stuckLine(program),
      remedy: 'give the job a timeoutMs; if it will never end, cancel the program',
    })),
  );
}

export function checkLeases({ abandoned }: RowCounts): CheckResult {
  const finding = {
    message: `${abandoned} programs were left by their workers more than five minutes ago`,
    remedy: 'start a worker: it takes them over at once',
  };
  return judged('leases', 'programs whose worker is gone', abandoned > 0 ? [finding] : []);
}

export function checkBacklog({ overdue, oldestOverdueMs }: RowCounts): CheckResult {
  const finding = {
    message: `${overdue} programs are due and wait for a worker, the oldest for ${duration(oldestOverdueMs)}`,
    remedy: 'start workers, or more of them, with the same database and table',
  };
  return judged('backlog', 'programs due for more than five minutes', overdue > 0 ? [finding] : []);
}

export function checkParked({ parked }: RowCounts): CheckResult {
  const finding = {
    message: `${parked} programs of an older installation do not start by themselves`,
    remedy: 'program-executor resume <runId> for those that shall run',
  };
  return judged('parked programs', 'rows of an older installation', parked > 0 ? [finding] : []);
}
