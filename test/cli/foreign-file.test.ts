import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { closeDatabase, openAddress } from '../../src/config/index.js';
import { findSqliteDriver } from '../../src/config/sqlite-driver.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { silentLogger } from '../support/silent-logger.js';
import { runCli } from './run-cli.js';

/** As a database is that nobody has put into WAL mode. */
async function writeAddressBook(filename: string): Promise<void> {
  const knex = openAddress({ kind: 'sqlite', driver: findSqliteDriver(), filename }, silentLogger);
  await knex.raw('create table people (name text)');
  await closeDatabase(knex);
}

const FILES: readonly [what: string, write: (filename: string) => Promise<void> | void][] = [
  ['of another application', writeAddressBook],
  ['that is empty', (filename) => writeFileSync(filename, '')],
];
const COMMANDS: readonly [args: string[], code: number][] = [
  [['doctor'], 4],
  [['list'], 1],
  [['show', 'x'], 1],
  [['cancel', 'x'], 1],
  [['migrate', '--dry-run'], 0],
];

for (const [what, write] of FILES)
  describe(`a SQLite file ${what}`, () => {
    let cwd: string;
    beforeEach(async () => {
      cwd = await tempFolder();
      await write(join(cwd, 'mistyped.sqlite'));
    });
    afterEach(removeTempFolders);

    for (const [args, code] of COMMANDS)
      it(`stays as it is with ${args.join(' ')}`, async () => {
        const before = readFileSync(join(cwd, 'mistyped.sqlite'));
        const result = await runCli([...args, '--database-path', 'mistyped.sqlite'], { cwd });
        expect(result.code).to.equal(code);
        expect(readFileSync(join(cwd, 'mistyped.sqlite')).equals(before)).to.equal(true);
        expect(readdirSync(cwd)).to.deep.equal(['mistyped.sqlite']);
      });
  });
