import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { accountLines, type Account } from '../../chaos/account.js';
import { runChaos } from '../../chaos/run-chaos.js';
import { testDatabases, type DatabaseKind, type TestDatabase } from '../../support/databases.js';
import { tell } from '../harness/account.js';

/** Five minutes in all. */
const MINUTES: Readonly<Record<DatabaseKind, number>> = { postgres: 2, mysql: 1.3, sqlite: 1 };
const MINUTES_WITHOUT_FENCE = 0.7;

const databases = testDatabases();

describe('Faults: chaos', function () {
  this.timeout(600_000);

  for (const database of databases)
    it(`loses nothing and makes nothing twice, whatever strikes, on ${database.name}`, async () => {
      const { violations, programs } = await storm(database, {
        minutes: MINUTES[database.kind],
        isFenceOff: false,
      });
      expect(violations).to.deep.equal([]);
      expect(programs).to.be.greaterThan(100);
    });

  it('is seen to do so when the fence is switched off', async () => {
    const [postgres] = databases.filter(({ kind }) => kind === 'postgres') as [TestDatabase];
    const { violations } = await storm(postgres, { minutes: MINUTES_WITHOUT_FENCE, isFenceOff: true });
    expect(violations).to.not.deep.equal([]);
  });
});

interface StormOptions {
  readonly minutes: number;
  readonly isFenceOff: boolean;
}

async function storm(database: TestDatabase, { minutes, isFenceOff }: StormOptions): Promise<Account> {
  const seed = randomInt(1e9);
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const account = await runChaos({ database, seed, isFenceOff, durationMs: minutes * 60_000, tell: note });
  tell([`seed ${seed}`, ...accountLines({ ...account, violations: [] }).slice(0, -1)].join(', '));
  tell(`${account.violations.length} violations`);
  if (!isFenceOff && account.violations.length > 0) console.log(lines.join('\n'));
  return account;
}
