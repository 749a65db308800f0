import { expect } from 'chai';
import { Answers, groupsOf } from '../model/answers.js';
import { modelOf, SMALL_SETTINGS } from '../model/models.js';
import type { Answer, Encounter } from '../model/operation.js';
import { openSqlite, openTable, type OpenTable } from '../model/open-table.js';
import { check } from '../model/verdict.js';
import { withoutBroker } from './harness.js';
import { variants } from './variants.js';

/** What the search for broken promises asked SQLite, and what SQLite did. */
type Known = readonly { readonly encounter: Encounter; readonly answer: Answer }[];

/** Rows that one statement is run over. */
const GROUP_ROWS = 200;

describe('what is proved of the protocol on SQLite', function () {
  this.timeout(180_000);
  let known: Known;

  before(async () => {
    const sqlite = await openSqlite();
    const answers = new Answers(sqlite.table);
    for (const setting of SMALL_SETTINGS) await check(await modelOf(setting, answers), answers);
    known = answers.all;
    await sqlite.close();
  });

  for (const { name, database, dialect } of variants().filter(withoutBroker))
    describe(`holds for ${name}`, () => {
      let other: OpenTable;

      before(async () => {
        other = await openTable(database.createKnexConfig(), database.uniqueTable(), dialect);
      });
      after(() => other.close());

      it('as every statement does the same to every row', async () => {
        expect(known.length).to.be.above(1_000);
        expect(await differences(known, other)).to.deep.equal([]);
      });
    });
});

async function differences(known: Known, { table }: OpenTable): Promise<unknown[]> {
  const expected = new Map(known.map(({ encounter, answer }) => [encounter, answer]));
  const found: unknown[] = [];
  for (const group of groupsOf([...expected.keys()]))
    for (let from = 0; from < group.length; from += GROUP_ROWS) {
      const chunk = group.slice(from, from + GROUP_ROWS);
      const answers = await table.perform(chunk);
      for (const [index, encounter] of chunk.entries()) {
        const pair = [answers[index], expected.get(encounter)].map(comparable);
        if (pair[0] !== pair[1]) found.push({ encounter, got: pair[0], expected: pair[1] });
      }
    }
  return found;
}

/** Drivers give keys in other orders. */
function comparable(answer: Answer | undefined): string {
  return JSON.stringify({ ...answer, seen: answer?.seen && { ...answer.seen, id: 0 } });
}
