import { expect } from 'chai';
import { CliOn, cliDatabases } from './cli-on.js';
import { JSON_SCHEMAS } from './json-schemas.js';

/** More than any database takes values in one statement. */
const MANY = 66_000;

for (const database of cliDatabases())
  describe(`the command line with ${MANY} programs that have errored, on ${database.name}`, function () {
    this.timeout(120_000);
    let cli: CliOn;
    before(async () => {
      cli = new CliOn(database);
      await cli.rows.migrate();
      await cli.rows.manyErrored('pages', MANY);
    });
    after(() => cli.rows.drop());

    it('lists them all, with what became of each', async () => {
      const { programs } = await cli.json(JSON_SCHEMAS.list, 'list', '--limit', '100000');
      expect(programs).to.have.length(MANY);
      expect(programs[0]).to.deep.include({ runId: `pages-${MANY - 1}`, status: 'errored', attempts: 0 });
    });

    it('counts all their errors, though each has a message of its own', async () => {
      const { errors } = await cli.json(JSON_SCHEMAS['report of a batch'], 'report', 'pages');
      const [page, ...others] = errors.map(({ pattern, count }) => ({ pattern, count }));
      expect(page).to.deep.equal({ pattern: 'Page <n> not found', count: MANY });
      expect(others).to.deep.equal([]);
    });
  });
