import { join } from 'node:path';
import { expect } from 'chai';
import knexPackage from 'knex';
import { ProgramExecutor } from '../../index.js';
import { durationMsOf } from '../../src/cli/duration-ms-of.js';
import { findSqliteDriver, sqliteClient } from '../../src/config/sqlite-driver.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { createAged, type Aged } from '../support/aged-programs.js';
import { runCli } from './run-cli.js';

const PROGRAMS: Aged[] = [
  { end: 'finished', daysAgo: 8 },
  { end: 'finished', daysAgo: 2 },
  { end: 'errored', daysAgo: 31 },
  { daysAgo: 90 },
];

describe('program-executor prune (WP-51)', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await tempFolder({});
    const filename = join(cwd, 'program-executor.sqlite');
    const knex = knexPackage({
      client: sqliteClient(findSqliteDriver()),
      connection: { filename },
      useNullAsDefault: true,
    });
    const executor = ProgramExecutor.create({ knex });
    await createAged(executor, knex, 'programs', PROGRAMS);
    await executor.close();
    await knex.destroy();
  });
  afterEach(removeTempFolders);

  const prune = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(['prune', ...args], { cwd });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    return stdout;
  };

  it('deletes what retention does not keep, and says what', async () => {
    expect(await prune('--dry-run')).to.equal(
      'would delete 1 finished and 1 errored programs, with 2 attempts\n',
    );
    expect(await prune()).to.equal('deleted 1 finished and 1 errored programs, with 2 attempts\n');
    expect(await prune()).to.equal('deleted 0 finished and 0 errored programs, with 0 attempts\n');
  });

  it('deletes what is older than it is told, and prints JSON', async () => {
    expect(
      JSON.parse(await prune('--older-than', '36h', '--limit', '1', '--dry-run', '--json')),
    ).to.deep.equal({ dryRun: true, finished: 1, errored: 0, attempts: 1 });
    expect(JSON.parse(await prune('--older-than', '36h', '--json'))).to.deep.equal({
      dryRun: false,
      finished: 2,
      errored: 0,
      attempts: 2,
    });
    expect(JSON.parse(await prune('--errored-older-than', '1d', '--json'))).to.include({ errored: 1 });
  });

  for (const [what, args] of [
    ['a time without a unit', ['--older-than', '7']],
    ['a time of an unknown unit', ['--errored-older-than', '7y']],
    ['a limit of nothing', ['--limit', '0']],
    ['an unknown option', ['--all']],
  ] as const)
    it(`exits with 2 for ${what}`, async () => {
      const { code, stderr } = await runCli(['prune', ...args], { cwd });
      expect(code).to.equal(2);
      expect(stderr).to.match(/^error: /);
    });

  it('knows seconds, minutes, hours and days', () => {
    expect(['30s', '1.5m', '12h', '7d'].map(durationMsOf)).to.deep.equal([
      30_000, 90_000, 43_200_000, 604_800_000,
    ]);
  });
});
