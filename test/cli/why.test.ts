import { expect } from 'chai';
import { ProgramExecutor } from '../../index.js';
import { CliOn, cliDatabases } from './cli-on.js';
import { JSON_SCHEMAS } from './json-schemas.js';

for (const database of cliDatabases())
  describe(`why, on the command line, on ${database.name}`, function () {
    this.timeout(60_000);
    let cli: CliOn;
    let executor: ProgramExecutor;
    beforeEach(async () => {
      cli = new CliOn(database);
      await cli.rows.migrate();
      executor = ProgramExecutor.create({ knex: cli.rows.knex, tableName: cli.rows.table });
    });
    afterEach(async () => {
      await executor.close();
      await cli.rows.drop();
    });

    it('prints one sentence', async () => {
      const runId = await executor.createProgram({ jobs: ['mail'], pool: 'smtp' });
      expect(await cli.text('why', runId)).to.match(/^It is due, but no worker is alive[^\n]*\.\n$/);
      await executor.pools.pause('smtp');
      expect(await cli.text('why', runId)).to.equal('Its pool smtp is paused.\n');
    });

    it('prints the code, the end and what blocks it as JSON', async () => {
      const runAt = new Date(Date.now() + 3_600_000);
      const later = await executor.createProgram({ jobs: ['mail'] }, { runAt });
      const start = await cli.json(JSON_SCHEMAS.why, 'why', later);
      expect(start).to.include({ runId: later, code: 'start' });
      expect(Math.abs(Date.parse(start.until ?? '') - Number(runAt))).to.be.lessThan(60_000);
      await executor.batches.create({ code: 'march' });
      await executor.batches.addPrograms('march', [{ jobs: ['mail'] }]);
      await executor.batches.interrupt('march', 'API is down');
      const { programs } = await cli.json(JSON_SCHEMAS.list, 'list', '--batch', 'march');
      const runId = programs[0]?.runId ?? '';
      const { message, ...interrupted } = await cli.json(JSON_SCHEMAS.why, 'why', runId);
      expect(interrupted).to.deep.equal({ runId, code: 'batchInterrupted', blockedBy: ['march'] });
      expect(message).to.include('march is interrupted (manual: API is down)');
    });

    it('keeps what others wrote from the terminal, but for JSON', async () => {
      const reason = 'API\u001B[2J is\ndown';
      await executor.batches.create({ code: 'march' });
      await executor.batches.addPrograms('march', [{ jobs: ['mail'] }]);
      await executor.batches.interrupt('march', reason);
      const { programs } = await cli.json(JSON_SCHEMAS.list, 'list', '--batch', 'march');
      const runId = programs[0]?.runId ?? '';
      expect(await cli.text('why', runId)).to.match(/API \[2J is down[^\n]*\n$/);
      expect((await cli.json(JSON_SCHEMAS.why, 'why', runId)).message).to.include(reason);
    });

    it('fails with exit code 1 where there is no such program', async () => {
      const { code, stdout, stderr } = await cli.run('why', 'none');
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.include('none');
    });
  });
