import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { createDialect } from '../../src/program-handler/dialects/create-dialect.js';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { testDatabases } from '../support/databases.js';
import { newProgram } from '../support/dialect-rows.js';
import { silentLogger } from '../support/silent-logger.js';

const HOUR_MS = 3_600_000;
const GRACE_MS = 2_000;

for (const database of testDatabases())
  for (const choice of ['auto', 'portable'] as const)
    describe(`how long to sleep, by the ${choice} dialect of ${database.name}`, () => {
      let knex: Knex;
      let dialect: Dialect;

      beforeEach(async () => {
        const tables = tablesOf(database.uniqueTable());
        knex = knexPackage({ ...database.createKnexConfig(), pool: { min: 0, max: 1 } });
        dialect = createDialect(knex, tables, choice);
        await updateSchema(knex, tables, silentLogger);
      });

      afterEach(() => knex.destroy());

      const insert = (...programs: Parameters<typeof newProgram>[]) =>
        dialect.insert(
          programs.map((program) => newProgram(...program)),
          knex,
        );

      it('is not said when nothing waits', async () => {
        expect(await dialect.untilDueMs(0)).to.equal(undefined);
      });

      it('is nothing when a program is due', async () => {
        await insert(['due']);
        expect(await dialect.untilDueMs(0)).to.equal(0);
      });

      it('is until a fresh program is no longer left to its hint', async () => {
        await insert(['fresh'], ['later', { delayMs: HOUR_MS, fence: 1 }]);
        expect(await dialect.untilDueMs(GRACE_MS)).to.be.within(1, GRACE_MS);
      });

      it('is until the first lease ends', async () => {
        await insert(['running'], ['later', { delayMs: HOUR_MS, fence: 1 }]);
        await dialect.claimRung(['running'], { claimedBy: 'somebody', leaseMs: 60_000 });
        expect(await dialect.untilDueMs(0)).to.be.within(1, 60_000);
      });

      it('is until the next program is due, when that comes before', async () => {
        await insert(['running'], ['later', { delayMs: 30_000, fence: 1 }]);
        await dialect.claimRung(['running'], { claimedBy: 'somebody', leaseMs: HOUR_MS });
        expect(await dialect.untilDueMs(0)).to.be.within(1, 30_000);
      });
    });
