import { expect } from 'chai';
import { buildProgram } from '../../src/cli/program.js';
import { databaseAsFlag } from '../../src/cli/settings/database-argument.js';

const program = buildProgram('0.0.0', () => Promise.resolve());

/** How a command line is read, each as it would be typed. */
const CASES: readonly [typed: string, read: string][] = [
  ['report a.sqlite', 'report --database-path a.sqlite'],
  ['report ./data/a.db mails', 'report --database-path ./data/a.db mails'],
  ['report postgres://u:p@h/d mails', 'report --database-url postgres://u:p@h/d mails'],
  ['show sqlite:jobs run', 'show --database-url sqlite:jobs run'],
  [
    'report --latest --limit-errors 3 a.sqlite3',
    'report --latest --limit-errors 3 --database-path a.sqlite3',
  ],
  ['--table t list a.sqlite --json', '--table t list --database-path a.sqlite --json'],
  ['list oracle://h/d', 'list --database-url oracle://h/d'],
  // No database: a code, a value of an option, or what stands later.
  ['report mails', 'report mails'],
  ['list --type mail.db', 'list --type mail.db'],
  ['list --type=mail.db', 'list --type=mail.db'],
  ['create --jobs a.db', 'create --jobs a.db'],
  ['show run a.sqlite', 'show run a.sqlite'],
  // A flag names it already.
  ['report mails.db --database-path a.sqlite', 'report mails.db --database-path a.sqlite'],
  ['report mails.db --database-url=sqlite:a', 'report mails.db --database-url=sqlite:a'],
  ['report -- mails.db', 'report -- mails.db'],
  ['a.sqlite', 'a.sqlite'],
  ['', ''],
];

describe('the database as an argument', () => {
  for (const [typed, read] of CASES)
    it(`"${typed}" is read as "${read}"`, () => {
      expect(databaseAsFlag(typed.split(' '), program).join(' ')).to.equal(read);
    });
});
