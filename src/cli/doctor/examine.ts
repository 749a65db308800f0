import { DatabaseUnavailableError } from '../../errors/index.js';
import type { RowCounts } from '../../program-handler/reports/index.js';
import type { Existing } from '../open-existing.js';
import { lineOf } from '../report-error.js';
import { checkBroker } from './check-broker.js';
import { checkClock, checkPermissions, checkSchema } from './check-database.js';
import { checkBacklog, checkLeases, checkParked, checkStuck } from './check-rows.js';
import { judged, ok, skipped, type CheckResult } from './finding.js';

/** Makes every check that can be made. */
export async function examine(existing: Existing): Promise<CheckResult[]> {
  const { reports, config } = existing;
  const database = await checkDatabase(reports);
  if (database.outcome === 'finding') return [database, ...(await checkBroker(config, undefined))];
  const schema = await checkSchema(reports);
  const clock = await checkClock(reports);
  if (schema.findings.length > 0) {
    const rest = skipped('rows', 'the tables are not as expected');
    return [database, schema, clock, rest, ...(await checkBroker(config, undefined))];
  }
  const rows = await reports.countRows();
  return [
    database,
    schema,
    clock,
    await checkPermissions(reports),
    ...(await checkRows(existing, rows)),
    ...(await checkBroker(config, rows)),
  ];
}

async function checkDatabase(reports: Existing['reports']): Promise<CheckResult> {
  try {
    await reports.clockDifferenceMs();
    return ok('database', 'answers');
  } catch (error) {
    const reason = error instanceof DatabaseUnavailableError ? error.cause : error;
    const message = `The database cannot be asked: ${lineOf(reason)}`;
    const remedy = 'check the database URL, that the server runs, and what this user may do';
    return judged('database', 'does not answer, or refuses', [{ message, remedy }]);
  }
}

async function checkRows({ reports }: Existing, rows: RowCounts): Promise<CheckResult[]> {
  return [await checkStuck(reports), checkLeases(rows), checkBacklog(rows), checkParked(rows)];
}
