import { expect } from 'chai';
import type { Knex } from 'knex';
import { attempts } from '../../migrations/003-attempts.js';
import { claims } from '../../migrations/002-claims.js';
import { programs } from '../../migrations/001-programs.js';
import { migrations, tablesOf } from '../../migrations/index.js';
import type { ExistingSchema, Migration } from '../../migrations/migration.js';
import { eventually } from '../support/eventually.js';
import { describeContract, gate, job, withoutBroker, type Fixture } from './harness.js';

const NOTHING: ExistingSchema = { columns: new Map(), indexes: new Set(), hasDuplicateRunIds: false };

/** The schema of the first release. */
const FIRST: readonly Migration[] = [programs, claims, attempts];

/** The tables as an earlier release made them, each migration on what those before it have made. */
async function createSchema({ knex, table }: Fixture, steps: readonly Migration[]): Promise<void> {
  const tables = tablesOf(table);
  for (const migration of steps) {
    const columns = await columnsNow(knex, Object.values(tables));
    for (const statement of migration.pending(knex, tables, { ...NOTHING, columns })) await statement;
  }
}

async function columnsNow(knex: Knex, tables: readonly string[]): Promise<Map<string, Set<string>>> {
  const columns = new Map<string, Set<string>>();
  for (const table of tables)
    if (await knex.schema.hasTable(table))
      columns.set(table, new Set(Object.keys(await knex(table).columnInfo())));
  return columns;
}

async function insertOldRows({ knex, table }: Fixture, count: number): Promise<void> {
  const row = { program_data: '{}', jobs: '["a","b"]', job_data: '{}', step: 1, fence: 1, due_at: 1 };
  const rows = Array.from({ length: count }, (_, n) => ({ ...row, run_id: `old ${n}` }));
  await knex(table).insert(rows);
}

function allFinished({ knex, table }: Fixture): Promise<unknown> {
  return eventually('all have finished', async () => {
    const open = await knex(table).whereNull('finished_at');
    return open.length === 0;
  });
}

describeContract(
  'upgrading',
  (t) => {
    it('what was created before lines and batches goes on from its step after it, beside what is new', async () => {
      await createSchema(t, FIRST);
      await insertOldRows(t, 20);
      const seen: string[] = [];
      const note = (name: 'a' | 'b') => job(name, ({ runId }) => void seen.push(`${runId}: ${name}`));
      await t.work({ ...note('a'), ...note('b') });
      const batch = await t.executor.batches.create({ code: 'new' });
      await t.executor.batches.addJobs(batch, 'a', [{}, {}]);
      await t.executor.batches.waitFor(batch, { intervalMs: 20 });
      for (let n = 0; n < 20; n += 1)
        expect(await t.ended(`old ${n}`)).to.include({ erroredAt: null, step: 1 });
      expect(seen.filter((each) => each.startsWith('old')).sort()).to.deep.equal(
        Array.from({ length: 20 }, (_, n) => `old ${n}: b`).sort(),
      );
      const row = await t.row('old 0');
      expect([row['line_id'], row['ready_at'], row['batch_id']]).to.deep.equal([null, null, null]);
    });

    it('workers that were there before some were for one batch are for all programs', async () => {
      const before = migrations.filter(({ name }) => name < '009');
      await createSchema(t, before);
      const old = { id: 'old', host: 'h', pid: 1, version: '1', jobs: '["a"]', slots: 1, running: 0 };
      const nowMs = Date.now();
      await t
        .knex(`${t.table}_workers`)
        .insert({ ...old, event_loop_lag_ms: 0, started_at: nowMs, seen_at: nowMs });
      const [view] = await t.executor.workers();
      expect(view).to.deep.include({ id: 'old', jobs: ['a'], batch: null, isAlive: true });
      const runId = await t.create({ jobs: ['a'] });
      expect((await t.executor.why(runId)).code).to.equal('worker');
    });

    it('may be done again, by many at once, while workers are busy: nothing changes, and nothing stops', async () => {
      const hold = gate();
      const library = { ...job('a'), ...job('hold', () => hold.opened) };
      await t.work(library, { concurrency: 10 });
      await t.work(library, { concurrency: 10 }, t.createExecutor());
      const held = await t.create({ jobs: ['hold', 'a'] });
      const load = t.executor.createPrograms(Array(300).fill({ jobs: ['a', 'a'] }));
      const migrated = await Promise.all(Array.from({ length: 5 }, () => t.createExecutor().migrate()));
      expect(migrated.flat()).to.deep.equal([]);
      hold.open();
      await load;
      expect((await t.ended(held)).finishedAt).to.be.a('date');
      await allFinished(t);
      expect(t.eventCount('leaseLost')).to.equal(0);
    });

    it('a worker that was started before the tables were brought up to date goes on when they are', async () => {
      await createSchema(t, FIRST);
      await insertOldRows(t, 300);
      await t.work(job('b'), { concurrency: 10 }, t.createExecutor({ createTable: false }));
      await t.log.line('poll-failed');
      expect(await t.executor.migrate()).not.to.deep.equal([]);
      await allFinished(t);
      const [done] = await t
        .knex(`${t.table}_attempts`)
        .where({ outcome: 'succeeded' })
        .count({ count: '*' });
      expect(Number(done?.['count'])).to.equal(300);
    });
  },
  withoutBroker,
);
