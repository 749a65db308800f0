import { expect } from 'chai';
import knexPackage from 'knex';
import { crashTest, type CrashRun } from '../../testing.js';
import { describeBoundary } from '../../src/testing/boundary.js';

const JOBS = new URL('./crash-jobs.js', import.meta.url);

/** How often each list of jobs is there, in the database that a run has left. */
async function programsIn({ databasePath }: CrashRun): Promise<Record<string, number>> {
  const knex = knexPackage({
    client: 'better-sqlite3',
    useNullAsDefault: true,
    connection: { filename: databasePath },
  });
  try {
    const counts: Record<string, number> = {};
    for (const { jobs } of await knex('programs').whereNotNull('finished_at').select('jobs'))
      counts[jobs] = (counts[jobs] ?? 0) + 1;
    return counts;
  } finally {
    await knex.destroy();
  }
}

describe('crashTest, of a program that waits in a line', function () {
  this.timeout(120_000);

  it('has its boundaries too; killed at any of them, the callback is created with the end, once', async () => {
    const found: Record<string, number>[] = [];
    const report = await crashTest({
      jobLibrary: JOBS,
      program: { jobs: ['child', 'child'], pool: 'few', onComplete: { job: 'child' } },
      check: async (run) => void found.push(await programsIn(run)),
    });
    expect(report.failures).to.deep.equal([]);
    expect(report.boundaries.map(describeBoundary).slice(0, 5)).to.deep.equal([
      'after the program was claimed for job child (step 0)',
      'before the end of job child (step 0) was recorded',
      'after the end of job child (step 0) was recorded',
      'before the end of job child (step 1) was recorded',
      'after the end of job child (step 1) was recorded',
    ]);
    expect(found).to.have.length(report.boundaries.length + 1);
    for (const programs of found) expect(programs).to.deep.equal({ '["child","child"]': 1, '["child"]': 1 });
  });
});
