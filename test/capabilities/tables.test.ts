import { expect } from 'chai';
import { tablesOf } from '../../migrations/index.js';
import { describeContract, rejection, withoutBroker } from '../contract/harness.js';

describeContract(
  'tables',
  (t) => {
    it('TEM-78, decided otherwise: batches, tasks, attempts and interruptions have tables, by other names', async () => {
      const tables = tablesOf(t.table);
      await t.executor.migrate();
      const columns = {
        [tables.batches]: [
          'id',
          'code',
          'type',
          'status',
          'created_at',
          'completed_at',
          'metadata',
          'interruption',
        ],
        [tables.programs]: [
          'run_id',
          'batch_id',
          'jobs',
          'program_data',
          'job_data',
          'step_retry_count',
          'fence',
        ],
        [tables.attempts]: [
          'program_id',
          'attempt',
          'outcome',
          'started_at',
          'finished_at',
          'error',
          'result',
        ],
        [tables.interruptions]: ['batch_id', 'reason', 'message', 'statistics', 'created_at'],
      };
      for (const [table, names] of Object.entries(columns))
        expect(await t.knex(table).columnInfo(), table).to.include.keys(...names);
    });

    it('TEM-78: the database itself keeps codes of batches and ids of programs apart', async () => {
      const { batches, programs } = tablesOf(t.table);
      await t.executor.batches.create({ code: 'May' });
      await t.create({ jobs: ['a'] }, { runId: 'mine' });
      for (const table of [batches, programs]) {
        const { id: _, ...row } = (await t.knex(table).first()) as Record<string, unknown>;
        await rejection(t.knex(table).insert(row));
        expect(await t.rowCount(table)).to.equal(1);
      }
    });
  },
  withoutBroker,
);
