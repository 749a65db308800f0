import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import { ProgramHandler } from '../../src/program-handler/program-handler.js';
import { sqliteDatabases } from '../support/databases.js';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

for (const database of sqliteDatabases())
  describe(`job data on ${database.name}`, () => {
    let knex: Knex;

    beforeEach(() => (knex = knexPackage(database.createKnexConfig())));
    afterEach(() => knex.destroy());

    it('are saved although the program was cancelled and un-cancelled by hand just then', async () => {
      const programs = handlerOf(knex, cancelledOnce);
      const [program] = programs.prepare([{ jobs: ['a'] }], {}, 'none');
      await programs.insert([program!]);
      const [claim] = await programs.openClaims('me', 60_000, 0).claimRung(program!.runId);
      const written = await programs.saveJobData({ ...claim!, jobData: '{"a":{"n":1}}' });
      expect(written).to.equal('applied');
      expect(await knex('programs').pluck('job_data')).to.deep.equal(['{"a":{"n":1}}']);
    });
  });

function handlerOf(knex: Knex, decorate: (dialect: Dialect, knex: Knex) => Dialect): ProgramHandler {
  return new ProgramHandler(knex, {
    tableName: 'programs',
    dialect: 'auto',
    createTable: true,
    maxPayloadBytes: 1_000,
    logger,
    decorateDialect: (dialect) => decorate(dialect, knex),
    onCreated: () => undefined,
  });
}

/** Somebody sets `errored_at` before the first write of job data, and clears it after that was refused. */
function cancelledOnce(dialect: Dialect, knex: Knex): Dialect {
  let isFirst = true;
  return {
    ...dialect,
    saveJobData: async (writes) => {
      if (!isFirst) return dialect.saveJobData(writes);
      isFirst = false;
      await knex('programs').update({ errored_at: 'now' });
      const ids = await dialect.saveJobData(writes);
      await knex('programs').update({ errored_at: null });
      return ids;
    },
  };
}
