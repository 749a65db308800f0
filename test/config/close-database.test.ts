import { join } from 'node:path';
import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { checkConfig, closeDatabase, openDatabase } from '../../src/config/index.js';
import { rejection } from '../contract/harness.js';
import { silentLogger } from '../support/silent-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const CLOSED = { name: 'ClosedError', code: 'PE_CLOSED' };

/** As an executor opens it, with a single connection. */
function open(name: string): Knex {
  const config = checkConfig({ databasePath: join(temporaryFolder(), `${name}.sqlite`) });
  return openDatabase(config, silentLogger).knex;
}

describe('closing a database', () => {
  it('lets queries end that have a connection, and refuses at once those that wait for one or come later', async () => {
    const knex = open('closing');
    // It has the only connection.
    const trx = await knex.transaction();
    const waits = rejection(knex.raw('select 1').then());
    const closed = closeDatabase(knex);
    expect(await waits).to.include(CLOSED);
    expect(await rejection(knex.raw('select 2').then())).to.include(CLOSED);
    expect(await rejection(knex.transaction())).to.include(CLOSED);
    expect(await trx.raw('select 3 as three')).to.deep.equal([{ three: 3 }]);
    await trx.commit();
    await closed;
    expect(await rejection(knex.raw('select 4').then())).to.include(CLOSED);
  });

  it('leaves a pool that knex was given to those who share it', async () => {
    const owner = open('shared');
    const { pool } = owner.client as { pool: NonNullable<Knex.Config['connectionPool']> };
    const guest = knexPackage({ client: 'better-sqlite3', useNullAsDefault: true, connectionPool: pool });
    const trx = await owner.transaction();
    const waits = owner.raw('select 1 as one').then();
    await closeDatabase(guest);
    await trx.commit();
    expect(await waits).to.deep.equal([{ one: 1 }]);
    await closeDatabase(owner);
  });
});
