import { expect } from 'chai';
import { testDatabases, type TestDatabase } from '../../support/databases.js';
import { dieCreating } from '../harness/creator.js';
import { eventually } from '../../support/eventually.js';
import { JOBS } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';
import { sideBySide, type Row } from '../harness/side-by-side.js';

const PROGRAM = { jobs: [...JOBS] };

describe('Creating: the process dies', function () {
  this.timeout(60_000);
  const rows: Record<string, Row> = {};

  for (const database of testDatabases()) {
    const open = (): Promise<Scenario> => Scenario.open(database, brokerOf(database));

    rows[`killed before commit: nothing exists, and the same programs can be created, on ${database.name}`] =
      async () => {
        const scenario = await open();
        const { config } = scenario;
        const worker = await scenario.crew.start();
        scenario.struck();
        await Promise.all([
          dieCreating({ config, runId: 'unsent', dieAt: 'before insert' }),
          dieCreating({ config, runId: 'uncommitted', dieAt: 'before commit' }),
        ]);
        expect(await scenario.versions()).to.deep.equal([]);
        for (const runId of ['unsent', 'uncommitted']) await createAgain(scenario, runId);
        expect(await scenario.knex(scenario.table)).to.have.lengthOf(2);
        await scenario.ended();
        expect(worker.reports('leaseLost')).to.deep.equal([]);
        return scenario;
      };

    rows[`killed after INSERT, before publish: the poll starts the programs, on ${database.name}`] =
      async () => {
        const scenario = await open();
        await scenario.crew.start();
        await dieCreating({ config: scenario.config, dieAt: 'before publish' });
        scenario.struck();
        const runIds = new Set((await scenario.versions()).map(({ runId }) => runId));
        expect(runIds).to.have.lengthOf(2);
        for (const runId of runIds) scenario.expectEnd(runId, 'finished');
        await scenario.ended();
        return scenario;
      };

    rows[`INSERT's reply lost with the process: the same runId gives the same program, on ${database.name}`] =
      async () => {
        const scenario = await open();
        await dieCreating({ config: scenario.config, runId: 'mine', dieAt: 'after insert' });
        scenario.struck();
        for (let time = 1; time <= 2; time += 1) await createAgain(scenario, 'mine');
        await scenario.crew.start();
        await scenario.ended();
        expect(await scenario.knex(scenario.table)).to.have.lengthOf(1);
        return scenario;
      };
  }

  sideBySide(rows);
});

function brokerOf({ server }: TestDatabase): { broker?: true } {
  return server === undefined ? {} : { broker: true };
}

/** The database may still hold what the dead process has locked. */
async function createAgain(scenario: Scenario, runId: string): Promise<void> {
  const create = () => scenario.executor.createProgram(PROGRAM, { runId });
  expect(await eventually('it is created', create)).to.equal(runId);
  scenario.expectEnd(runId, 'finished');
}
