import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCli } from '../cli/run-cli.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';

const MARKER = 'marker-of-a-file';

/** test/cli/commands.test.ts has the plain mistakes. */
const FILES: readonly [what: string, json: string, expectation: RegExp][] = [
  ['nothing', '', /^error: --data: file\.json does not hold a JSON object\n$/],
  ['an array', `["${MARKER}"]`, /does not hold a JSON object/],
  ['a key twice and no end', `{"a":"${MARKER}","a":`, /does not hold a JSON object/],
  ['NUL', `{"a":{"b":"${MARKER}\\u0000"}}`, /^error: programData\.a\.b: holds a NUL character/],
  ['too many levels', `{"a":${'['.repeat(2_000)}${']'.repeat(2_000)}}`, /nested more than 1000 levels deep/],
  [
    'more levels than there is stack',
    `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    /cannot be written as JSON/,
  ],
  ['a megabyte and more', `{"a":"${MARKER.repeat(70_000)}"}`, /1120008 bytes of JSON, the limit is 1048576/],
];
const FLAGS: readonly [what: string, args: readonly string[], expectation: RegExp][] = [
  ['an empty runId', ['--run-id', ''], /runId: expected a text/],
  ['a runId that ends in a space', ['--run-id', 'a '], /runId: expected a text/],
  ['a runId of 300 characters', ['--run-id', 'x'.repeat(300)], /runId: expected a text/],
  ['a job name of 300 characters', ['--jobs', 'x'.repeat(300)], /jobs\[0\]: expected a text/],
  ['a table name with SQL', ['--table', 'a; drop table b'], /tableName: expected/],
  ['a table name that is too long', ['--table', 'a'.repeat(38)], /tableName: expected/],
  ['a reserved queue', ['--queue', 'amq.x'], /queueName: expected/],
  ['a path of blanks', ['--database-path', '  '], /databasePath: expected/],
  ['a broker URL with a stray %', ['--amqp-url', `amqp://u:${MARKER}%@h`], /amqpUrl: expected/],
  [
    'a database URL with a stray %',
    ['--database-url', `postgres://u:${MARKER}%@h/d`],
    /--database-url: .*%25/,
  ],
];

describe('hostile command lines', () => {
  afterEach(removeTempFolders);

  /** Wrong usage: exit code 2, one line, no stack, nothing of what was given, and nothing created. */
  async function expectUsage(args: readonly string[], files: Record<string, string>, expectation: RegExp) {
    const cwd = await tempFolder(files);
    const { code, stdout, stderr } = await runCli(['create', '--jobs', 'a', ...args], { cwd });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr)
      .to.match(expectation)
      .and.match(/^error: [^\n]{1,400}\n$/);
    expect(stderr).to.not.include(MARKER);
    expect(existsSync(join(cwd, 'program-executor.sqlite'))).to.equal(false);
  }

  for (const [what, json, expectation] of FILES)
    it(`with a data file that holds ${what} exit with 2`, async () => {
      await expectUsage(['--data', 'file.json'], { 'file.json': json }, expectation);
    });

  for (const [what, args, expectation] of FLAGS)
    it(`with ${what} exit with 2`, () => expectUsage(args, {}, expectation));

  it('with a polluting file create what it says, and nothing else', async () => {
    const cwd = await tempFolder({ 'file.json': '{"__proto__":{"polluted":true}}' });
    await runCli(['create', '--jobs', '__proto__,a', '--data', 'file.json', '--run-id', 'mine'], { cwd });
    const { stdout } = await runCli(['show', 'mine', '--json'], { cwd });
    expect(stdout).to.include('"jobs":["__proto__","a"],"programData":{"__proto__":{"polluted":true}}');
  });
});
