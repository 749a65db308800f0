import { expect } from 'chai';
import knexPackage from 'knex';
import { defineJob, ProgramExecutor, type ExecutorConfig } from '../../index.js';
import { PARKED } from '../../src/program-handler/dialects/dialect.js';
import { testDatabases } from '../support/databases.js';

/** A row as an older installation left it: due_at has its default. */
const OLD_ROW = { run_id: 'old', jobs: '["look"]', program_data: '{}', job_data: '{}' };

describe('parked rows', () => {
  for (const database of testDatabases()) {
    for (const dialect of ['auto', 'portable'] as const) {
      if (dialect === 'portable' && database.kind === 'mysql') continue;
      it(`are parked no longer once they run, so that a crash cannot strand them: ${database.name}, ${dialect}`, async () => {
        expect(
          await dueAtWhileRunning(database.createKnexConfig(), database.uniqueTable(), dialect),
        ).to.be.within(1, PARKED - 1);
      });
    }
  }
});

async function dueAtWhileRunning(
  config: knexPackage.Knex.Config,
  tableName: string,
  dialect: Exclude<ExecutorConfig['dialect'], undefined>,
): Promise<number> {
  const knex = knexPackage({ ...config, pool: { min: 0, max: 1 } });
  const executor = ProgramExecutor.create({ knex, tableName, dialect });
  const look = (): Promise<{ due_at: unknown }> => knex(tableName).where({ run_id: 'old' }).first('due_at');
  try {
    await executor.migrate();
    await knex(tableName).insert(OLD_ROW);
    const seen = new Promise<unknown>((resolve, reject) => {
      const job = defineJob({
        name: 'look',
        execute: () => look().then(({ due_at }) => resolve(due_at), reject),
      });
      executor.processPrograms({ look: job }).catch(reject);
    });
    // Rings for the row that is there.
    await executor.createProgram({ jobs: ['look'] }, { runId: 'old' });
    return Number(await seen);
  } finally {
    await executor.close();
    await knex.schema.dropTableIfExists(`${tableName}_attempts`);
    await knex.schema.dropTableIfExists(tableName);
    await knex.destroy();
  }
}
