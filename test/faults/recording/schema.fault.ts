import { expect } from 'chai';
import { testDatabases } from '../../support/databases.js';
import { installAuditTriggers, removeAudit } from '../harness/audit-triggers.js';
import { existingTables } from '../../support/existing-tables.js';
import { closeAll } from '../harness/close-all.js';
import { OwnWorker } from '../harness/own-worker.js';
import { Scenario } from '../harness/scenario.js';
import { createWorkerRole } from '../harness/worker-role.js';

const NO_TABLE = /^(42P01|ER_NO_SUCH_TABLE|SQLITE_ERROR)/;
const NO_COLUMN = /^(42703|ER_BAD_FIELD_ERROR|SQLITE_ERROR)/;
const NO_PERMISSION = /^(42501|ER_TABLEACCESS_DENIED_ERROR)/;

describe('Faults: recording, the table', function () {
  this.timeout(60_000);
  afterEach(closeAll);

  for (const database of testDatabases()) {
    it(`table dropped and made again by migrate: the runs of its programs end, new ones are run, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      const { knex, table } = scenario;
      const worker = await OwnWorker.start(scenario);
      const gone = await scenario.executor.createProgram({ jobs: ['second'], programData: HOLD });
      await worker.entered('second', gone);
      await removeAudit(knex, database.kind, table);
      for (const name of [table, `${table}_attempts`]) await knex.schema.dropTable(name);
      scenario.struck();
      worker.openGate();
      await worker.failed('database-error', NO_TABLE);
      await scenario.executor.migrate();
      await installAuditTriggers(knex, database.kind, table);
      await scenario.create(5);
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    });

    it(`column missing for a while: steps are recorded when it is back, no job is run again, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      const { knex, table } = scenario;
      const worker = await OwnWorker.start(scenario);
      await worker.holding(5);
      // As knex would make SQLite's table anew, without its triggers.
      await knex.raw(`alter table ${table} drop column claimed_until`);
      scenario.struck();
      worker.openGate();
      await worker.failed('database-error', NO_COLUMN, 2);
      await knex.raw(`alter table ${table} add column claimed_until bigint`);
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    });
  }

  for (const database of testDatabases().filter(({ server }) => server !== undefined))
    it(`permission revoked and granted again: steps are recorded then, no job is run again, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      const tables = [...(await existingTables(scenario.knex, scenario.table)), `${scenario.table}_audit`];
      const role = await createWorkerRole(scenario.knex, tables, database);
      try {
        const worker = await OwnWorker.start(scenario, { knex: { connection: role.url } });
        await worker.holding(5);
        await role.update('revoke');
        scenario.struck();
        worker.openGate();
        await worker.failed('database-error', NO_PERMISSION, 2);
        await role.update('grant');
        await scenario.ended();
        expect(await scenario.verdict()).to.deep.equal([]);
        expect(worker.repeated()).to.deep.equal([]);
      } finally {
        await OwnWorker.closeAll();
        await role.drop();
      }
    });
});

const HOLD = { second: { kind: 'hold' } } as const;
