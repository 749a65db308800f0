import type { Attendance, Reports, RowCounts } from '../../program-handler/reports/index.js';
import { stuckLine } from '../render/batch-report.js';
import { duration } from '../render/format.js';
import { judged, type CheckResult, type Finding } from './finding.js';

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

const RESUME = 'the whole queue is paused: program-executor resume --all lets it go on';

export function checkBacklog(rows: RowCounts, { isPaused }: Attendance): CheckResult {
  const finding = {
    message: `${rows.overdue} programs are due and wait for a worker, the oldest for ${duration(rows.oldestOverdueMs)}`,
    remedy: isPaused ? RESUME : 'start workers, or more of them, with the same database and table',
  };
  return judged('backlog', 'programs due for more than five minutes', rows.overdue > 0 ? [finding] : []);
}

/** That somebody starts what waits. */
export function checkWorkers({ waiting }: RowCounts, { isAnyoneAlive, isPaused }: Attendance): CheckResult {
  const findings: Finding[] = [];
  if (waiting > 0 && isPaused)
    findings.push({ message: `${waiting} programs wait, and nothing is started`, remedy: RESUME });
  if (waiting > 0 && !isAnyoneAlive)
    findings.push({
      message: `${waiting} programs wait, and no worker that would run them is alive`,
      remedy: 'start one with the same database and table',
    });
  return judged('workers', 'somebody starts the programs that wait', findings);
}

export function checkParked({ parked }: RowCounts): CheckResult {
  const finding = {
    message: `${parked} programs of an older installation do not start by themselves`,
    remedy: 'program-executor resume <runId> for those that shall run',
  };
  return judged('parked programs', 'rows of an older installation', parked > 0 ? [finding] : []);
}
