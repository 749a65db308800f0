import { join } from 'node:path';
import { expect } from 'chai';
import { checkConfig, closeDatabase, openDatabase } from '../../src/config/index.js';
import { rejection } from '../contract/harness.js';
import { silentLogger } from '../support/silent-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const CLOSED = { name: 'ClosedError', code: 'PE_CLOSED' };

describe('closing a database', () => {
  it('lets queries end that have a connection, and refuses at once those that wait for one or come later', async () => {
    const config = checkConfig({ databasePath: join(temporaryFolder(), 'closing.sqlite') });
    const { knex } = openDatabase(config, silentLogger);
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
});
