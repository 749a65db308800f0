import type { RowCounts } from '../../program-handler/reports/index.js';
import type { Existing } from '../open-existing.js';
import { lineOf } from '../report-error.js';
import { checkBroker } from './check-broker.js';
import { checkClock, checkDatabase, checkPermissions, checkSchema } from './check-database.js';
import { checkBacklog, checkLeases, checkParked, checkStuck, checkWorkers } from './check-rows.js';
import { judged, skipped, type CheckResult } from './finding.js';

/** Makes every check that can be made. */
export async function examine({ reports, config }: Existing): Promise<CheckResult[]> {
  const database = await checkDatabase(reports);
  if (database.outcome === 'finding') return [database, ...(await checkBroker(config, undefined))];
  const schema = await tried('schema', () => checkSchema(reports));
  const clock = await tried('clock', () => checkClock(reports));
  if (schema.findings.length > 0) {
    const rest = skipped('rows', 'the tables are not as expected, or cannot be looked at');
    return [database, schema, clock, rest, ...(await checkBroker(config, undefined))];
  }
  const permissions = await tried('permissions', () => checkPermissions(reports));
  const stuck = await tried('stuck programs', () => checkStuck(reports));
  const { rows, checks } = await checkCounts(reports);
  return [database, schema, clock, permissions, stuck, ...checks, ...(await checkBroker(config, rows))];
}

interface Counted {
  readonly rows: RowCounts | undefined;
  readonly checks: readonly CheckResult[];
}

async function checkCounts(reports: Existing['reports']): Promise<Counted> {
  try {
    const rows = await reports.countRows();
    const attendance = await reports.attendance();
    const checks = [
      checkLeases(rows),
      checkBacklog(rows, attendance),
      checkWorkers(rows, attendance),
      checkParked(rows),
    ];
    return { rows, checks };
  } catch (error) {
    return { rows: undefined, checks: [failed('rows', error)] };
  }
}

/** A check that fails is a finding: the others may tell why. */
async function tried(check: string, work: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await work();
  } catch (error) {
    return failed(check, error);
  }
}

function failed(check: string, error: unknown): CheckResult {
  const message = `It cannot be checked: ${lineOf(error)}`;
  const remedy = 'see to what the database says: this user must be able to read every table';
  return judged(check, 'cannot be checked', [{ message, remedy }]);
}
