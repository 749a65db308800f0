import type { Reports } from '../../program-handler/reports/index.js';
import { duration, oneLine } from '../render/format.js';
import { judged, type CheckResult, type Finding } from './finding.js';

/** Clocks that differ by less are nobody's trouble. */
const MOST_DIFFERENCE_MS = 5_000;

const MIGRATE = 'run program-executor migrate';

export async function checkSchema(reports: Reports): Promise<CheckResult> {
  const { pending, hasDuplicateRunIds } = await reports.schemaState();
  const findings: Finding[] = [];
  if (pending > 0)
    findings.push({
      message: `${pending} statements are missing to bring the tables up to date`,
      remedy: MIGRATE,
    });
  if (hasDuplicateRunIds)
    findings.push({
      message: 'Rows share a run_id, so it has no unique index',
      remedy: `give all but one of them another run_id, then ${MIGRATE}`,
    });
  return judged('schema', 'tables, columns and indexes', findings);
}

export async function checkPermissions(reports: Reports): Promise<CheckResult> {
  const refused = await reports.refusedWrites();
  return judged(
    'permissions',
    'insert, update and delete on every table',
    refused.map(({ table, message }) => ({
      message: `Writing to ${table} is refused: ${oneLine(message)}`,
      remedy: `grant select, insert, update and delete on ${table} to this user`,
    })),
  );
}

export async function checkClock(reports: Reports): Promise<CheckResult> {
  const differenceMs = await reports.clockDifferenceMs();
  const difference = duration(Math.abs(differenceMs));
  const findings =
    Math.abs(differenceMs) <= MOST_DIFFERENCE_MS
      ? []
      : [
          {
            message: `The database's clock is ${difference} ${differenceMs > 0 ? 'ahead of' : 'behind'} this machine's`,
            remedy:
              'set both clocks by NTP: times that applications give as runAt are by the clock of the database',
          },
        ];
  return judged('clock', `differs by ${difference}`, findings);
}
