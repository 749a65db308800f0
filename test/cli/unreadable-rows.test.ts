import { expect } from 'chai';
import { CliOn, cliDatabases } from './cli-on.js';
import { JSON_SCHEMAS } from './json-schemas.js';

/** What somebody may have made of a row by hand. */
const EDITED: readonly (readonly [string, Record<string, unknown>])[] = [
  ['jobs that are no JSON', { jobs: '{nope' }],
  ['jobs that are an object', { jobs: '{"0":"send"}' }],
  ['jobs that are a number', { jobs: '5' }],
  ['a step below the first', { step: -1 }],
  ['a step beyond the last', { step: 7 }],
];

for (const database of cliDatabases())
  describe(`the command line and a row that cannot be read, on ${database.name}`, function () {
    this.timeout(60_000);
    let cli: CliOn;
    beforeEach(async () => {
      cli = new CliOn(database);
      await cli.rows.migrate();
      await cli.rows.batch({
        code: 'mails',
        programs: ['good', 'bad'].map((runId) => ({ state: 'running', runId, idleMinutes: 6 })),
      });
    });
    afterEach(() => cli.rows.drop());

    /** False where the database does not take it. */
    function edit(columns: Record<string, unknown>): Promise<boolean> {
      return cli.rows
        .knex(cli.rows.table)
        .where({ run_id: 'bad' })
        .update(columns)
        .then(
          () => true,
          () => false,
        );
    }

    for (const [what, columns] of EDITED)
      it(`with ${what}: it has no current job, and every other program has its own`, async () => {
        if (!(await edit(columns))) return;
        const expected = { good: 'send', bad: null };
        const jobs = (programs: readonly { runId: string; job: string | null }[]) =>
          Object.fromEntries(programs.map(({ runId, job }) => [runId, job]));
        const { programs } = await cli.json(JSON_SCHEMAS.list, 'list');
        expect(jobs(programs)).to.deep.equal(expected);
        const { stuck } = await cli.json(JSON_SCHEMAS['report of a batch'], 'report', 'mails');
        expect(jobs(stuck)).to.deep.equal(expected);
        const found = await cli.json(JSON_SCHEMAS.list, 'list', '--job', 'send');
        expect(jobs(found.programs)).to.deep.equal({ good: 'send' });
        const { stdout } = await cli.run('doctor');
        expect(stdout)
          .to.match(/good at send for 6m /)
          .and.match(/bad at - for 6m /);
      });
  });
