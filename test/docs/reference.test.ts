import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { keysInSource, namesInTables, readText, ROOT } from './markdown.js';

describe('docs/reference', () => {
  describe('configuration.md', () => {
    const page = readText('docs/reference/configuration.md');

    it('has every setting of create, and no other', () => {
      const keys = keysInSource(
        'src/config/executor-config.ts',
        'const CHECKS: Readonly<Record<keyof ExecutorConfig, Check>> = {',
      );
      expect(keys).to.include('tableName');
      expect(namesInTables(page, 'ProgramExecutor.create')).to.have.members(keys);
    });

    it('has every option of processPrograms, and no other', () => {
      const keys = keysInSource(
        'src/config/worker-options.ts',
        'const CHECKS: Readonly<Record<keyof WorkerOptions, Check>> = {',
      );
      expect(keys).to.include('leaseMs');
      expect(namesInTables(page, 'processPrograms')).to.have.members(keys);
    });
  });

  it('events.md has every event, and no other', () => {
    const events = keysInSource('src/telemetry/events.ts', 'export interface ExecutorEvents {');
    expect(events).to.include('programFinished');
    expect(namesInTables(readText('docs/reference/events.md'))).to.have.members(events);
  });

  it('api.md names everything that the package exports', () => {
    const named = ['index.ts', 'testing.ts'].flatMap((entry) =>
      [...readText(entry).matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) =>
        list.split(',').map((name) => name.trim().replace(/^type /, '')),
      ),
    );
    const fromErrors = ['catalogue', 'error-record', 'job-errors', 'program-executor-error'].flatMap((file) =>
      [
        ...readText(`src/errors/${file}.ts`).matchAll(/^export (?:class|function|interface|type) (\w+)/gm),
      ].map(([, name = '']) => name),
    );
    const pages = readText('docs/reference/api.md') + readText('docs/reference/errors.md');
    const exported = [...named.filter(Boolean), ...fromErrors];
    expect(exported).to.include.members(['defineJob', 'JobContext', 'RetryableError', 'RunJobOptions']);
    expect(exported.filter((name) => !new RegExp(`\\b${name}\\b`).test(pages))).to.deep.equal([]);
  });

  it('logs.md has every action that is logged, and no other', () => {
    const files = readdirSync(`${ROOT}/src`, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.startsWith('cli/'),
    );
    expect(new Set(documentedActions(readText('docs/reference/logs.md')))).to.deep.equal(
      new Set(files.flatMap((file) => loggedActions(readText(`src/${file}`)))),
    );
  });

  it('cli.md has every command and every option', () => {
    const page = readText('docs/reference/cli.md');
    const files = [
      'settings/flags.ts',
      ...readdirSync(`${ROOT}/src/cli/commands`).map((f) => `commands/${f}`),
    ];
    const source = files.map((file) => readText(`src/cli/${file}`)).join('\n');
    const options = [...source.matchAll(/'(--[a-z-]+)[ ']/g)].map(([, option = '']) => option);
    const commands = [...source.matchAll(/new Command\('([\w-]+)'\)/g)].map(([, command = '']) => command);
    expect(commands).to.include.members(['worker', 'mock-api']);
    expect(options).to.include('--jobs');
    expect([...commands, ...options].filter((word) => !page.includes(word))).to.deep.equal([]);
  });

  it('api.md has every option of the tools for tests, and no other', () => {
    const keys = [
      'testing/run-job-options',
      'testing/drain',
      'testing/crash-test-options',
      'constraints/detect-options',
      'mock-api/server-config',
    ].flatMap((file) => optionsIn(`src/${file}.ts`));
    expect(keys).to.include.members(['laterJobs', 'withScheduled', 'exactlyOnce', 'timeoutMs', 'port']);
    const page = readText('docs/reference/api.md');
    expect(namesInTables(page, 'program-executor/testing')).to.have.members(keys);
  });

  it('tables.md has every column that migrations make, and no other', () => {
    const sources = [
      '001-programs',
      '002-claims',
      '003-attempts',
      '004-lines',
      '005-batches',
      '006-workers',
      '007-interventions',
      '008-keys',
      '009-workers-of-batches',
      '010-recent-claims',
    ].map((name) => readText(`migrations/${name}.ts`));
    const added = /(?:\bt\.(?!charset|collate)\w+\(|exactText\(knex, t,)\s*'(\w+)'/g;
    const columns = [...sources.join('\n').matchAll(added)].map(([, column = '']) => column);
    expect(columns).to.include('due_at');
    expect(new Set(namesInTables(readText('docs/reference/tables.md')))).to.deep.equal(new Set(columns));
  });
});

function optionsIn(path: string): string[] {
  const [opening = ''] = /^const CHECKS: .* = \{$/m.exec(readText(path)) ?? [];
  return keysInSource(path, opening);
}

/** Literal actions of logger calls, and those that are chosen just before one. */
function loggedActions(source: string): string[] {
  const calls = [...source.matchAll(/[lL]ogger\.(?:debug|info|warn|error)\(\s*'([^']+)'/g)];
  const chosen = [...source.matchAll(/const action = .*\? '([^']+)' : '([^']+)'/g)];
  const levels = [...source.matchAll(/#log\([^,()]+, '([^']+)'/g)];
  const eachTime = [...source.matchAll(/logEachTime\([^,()]+, '([^']+)'/g)];
  return [...calls, ...chosen, ...levels, ...eachTime].flatMap(([, ...actions]) => actions);
}

/** Rows of tables that have a level in their second column. */
function documentedActions(page: string): string[] {
  return [...page.matchAll(/^\| `([^`]+)` +\| (?:info|warn|error) /gm)].map(([, action = '']) => action);
}
