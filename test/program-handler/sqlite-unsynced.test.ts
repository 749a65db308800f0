import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { sqliteDialect } from '../../src/program-handler/dialects/sqlite.js';
import { committed, doing, type Statements } from '../../src/program-handler/dialects/sqlite-statements.js';
import { unsynced } from '../../src/program-handler/dialects/sqlite-unsynced.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { sqliteDatabases } from '../support/databases.js';
import { newProgram } from '../support/dialect-rows.js';
import { silentLogger } from '../support/silent-logger.js';

const TABLES = tablesOf('programs');
const CHANGED_AND_BACK = ['pragma synchronous = normal', 'pragma synchronous = 2'];

/** Takes the statements one by one; the one that says so fails. */
function textsOf(statements: Statements<unknown>): string[] {
  const texts: string[] = [];
  let next = statements.next([]);
  while (!next.done) {
    const { text } = next.value;
    texts.push(text);
    next = text === 'fail' ? statements.throw(new Error(text)) : statements.next([]);
  }
  return texts;
}

function* work(text: string): Statements<void> {
  yield doing(text);
}

describe('a transaction that need not outlive the machine', () => {
  it('is committed without waiting for the disk, and the next one waits again', () => {
    expect(textsOf(unsynced(committed(work('claim')), 2))).to.deep.equal([
      'pragma synchronous = normal',
      'begin immediate',
      'claim',
      'commit',
      'pragma synchronous = 2',
    ]);
  });

  it('that is refused leaves the connection as it was', () => {
    const texts: string[] = [];
    const noted = function* (statements: Statements<unknown>): Statements<unknown> {
      let next = statements.next([]);
      while (!next.done) {
        texts.push(next.value.text);
        try {
          next = statements.next(yield next.value);
        } catch (error) {
          next = statements.throw(error);
        }
      }
      return next.value;
    };
    expect(() => textsOf(noted(unsynced(committed(work('fail')), 3)))).to.throw('fail');
    expect(texts.slice(-2)).to.deep.equal(['rollback', 'pragma synchronous = 3']);
  });
});

for (const database of sqliteDatabases())
  describe(`claims and their renewals on ${database.name}`, () => {
    let knex: Knex;

    beforeEach(async () => {
      knex = knexPackage(database.createKnexConfig());
      await updateSchema(knex, TABLES, silentLogger);
    });

    afterEach(() => knex.destroy());

    /** Of the connection: before a claim and its renewal, whenever it was changed for them, and after them. */
    async function levelsOfClaim(): Promise<unknown[]> {
      const level = async () => {
        const [row]: { synchronous: number }[] = await knex.raw('pragma synchronous');
        return row?.synchronous;
      };
      const dialect = sqliteDialect(knex, TABLES);
      await dialect.insert([newProgram('a')], knex);
      const before = await level();
      const texts: string[] = [];
      await knex.client.pool.acquire().promise.then((connection: { prepare(text: string): unknown }) => {
        const prepare = connection.prepare.bind(connection);
        connection.prepare = (text: string) => {
          texts.push(text);
          return prepare(text);
        };
        knex.client.pool.release(connection);
      });
      const claims = await dialect.claimRung(['a'], { claimedBy: 'me', leaseMs: 1_000 });
      expect(claims).to.have.length(1);
      expect(await dialect.renew(claims, 1_000)).to.have.length(1);
      const changes = texts.filter((text) => text.startsWith('pragma synchronous ='));
      return [before, changes, await level()];
    }

    it('do not wait for the disk in WAL mode', async () => {
      await knex.raw('pragma journal_mode = wal');
      await knex.raw('pragma synchronous = full');
      expect(await levelsOfClaim()).to.deep.equal([2, [...CHANGED_AND_BACK, ...CHANGED_AND_BACK], 2]);
    });

    it('wait for it where a file could be damaged otherwise', async () => {
      await knex.raw('pragma journal_mode = delete');
      await knex.raw('pragma synchronous = full');
      expect(await levelsOfClaim()).to.deep.equal([2, [], 2]);
    });

    it('leave alone what waits for nothing', async () => {
      await knex.raw('pragma journal_mode = wal');
      await knex.raw('pragma synchronous = normal');
      expect(await levelsOfClaim()).to.deep.equal([1, [], 1]);
    });
  });
