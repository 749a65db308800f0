import { join } from 'node:path';
import { expect } from 'chai';
import { checkConfig, closeDatabase, openDatabase } from '../../src/config/index.js';
import { silentLogger } from '../support/silent-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** `pragma synchronous` at which each commit waits for the disk. */
const FULL = 2;

describe('a SQLite file that is given by its path', () => {
  it('waits for the disk with each commit, readers beside the writer, in pages of 8,192 bytes', async () => {
    const config = checkConfig({ databasePath: join(temporaryFolder(), 'pragmas.sqlite') });
    const { knex } = openDatabase(config, silentLogger);
    const rows = await Promise.all(
      ['journal_mode', 'synchronous', 'page_size'].map((name): Promise<object[]> => {
        return knex.raw(`pragma ${name}`);
      }),
    );
    await closeDatabase(knex);
    expect(Object.assign({}, ...rows.flat())).to.deep.equal({
      journal_mode: 'wal',
      synchronous: FULL,
      page_size: 8_192,
    });
  });
});
