import { DatabaseUnavailableError } from '../../errors/index.js';
import type { RefusedWrite, Reports } from '../../program-handler/reports/index.js';
import { duration, oneLine } from '../render/format.js';
import { lineOf } from '../report-error.js';
import { judged, ok, type CheckResult, type Finding } from './finding.js';

/** Clocks that differ by less are nobody's trouble. */
const MOST_DIFFERENCE_MS = 5_000;

const LET_WRITE = 'the file and its folder must be readable and writable for this user';
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

export async function checkDatabase(reports: Reports): Promise<CheckResult> {
  try {
    await reports.clockDifferenceMs();
    return ok('database', 'answers');
  } catch (error) {
    const reason = error instanceof DatabaseUnavailableError ? error.cause : error;
    const message = `The database cannot be asked: ${lineOf(reason)}`;
    const remedy = reports.isOnFile
      ? `check that the path is that of a SQLite database; ${LET_WRITE}`
      : 'check the database URL, that the server runs, and what this user may do';
    return judged('database', 'does not answer, or refuses', [{ message, remedy }]);
  }
}

export async function checkPermissions(reports: Reports): Promise<CheckResult> {
  const refused = await reports.refusedWrites();
  const findings = reports.isOnFile ? refusedByFile(refused) : refused.map(refusedByServer);
  return judged('permissions', 'insert, update and delete on every table', findings);
}

function refusedByServer({ table, message }: RefusedWrite): Finding {
  return {
    message: `Writing to ${table} is refused: ${oneLine(message)}`,
    remedy: `grant select, insert, update and delete on ${table} to this user`,
  };
}

/** All tables are in the one file. */
function refusedByFile([refused]: readonly RefusedWrite[]): Finding[] {
  if (!refused) return [];
  return [
    { message: `Writing to the database file is refused: ${oneLine(refused.message)}`, remedy: LET_WRITE },
  ];
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
