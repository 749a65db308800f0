import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { temporaryFolder } from '../support/temporary-folder.js';
import { codeBlocks, documents, readText, ROOT } from './markdown.js';

const run = promisify(execFile);

interface Example {
  readonly code: string;
  /** What it prints: the text block that follows it. */
  readonly output: string | undefined;
}

/** Every block of JavaScript in the README; elsewhere those that are marked with `js run`. */
function examplesIn(path: string): Example[] {
  const blocks = codeBlocks(readText(path));
  return blocks.flatMap(({ info, code }, index) => {
    if (info !== 'js run' && !(path === 'README.md' && /^(js|ts)\b/.test(info))) return [];
    const next = blocks[index + 1];
    return [{ code, output: next?.info === 'text' ? next.code : undefined }];
  });
}

/** An empty project that has this package, as built here, installed. */
function makeProject(code: string): string {
  const project = mkdtempSync(join(temporaryFolder(), 'example-'));
  const installed = join(project, 'node_modules', 'program-executor');
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
  writeFileSync(
    join(installed, 'index.js'),
    `export * from '${new URL('../../index.js', import.meta.url).href}';`,
  );
  for (const name of ['zod', 'knex', 'better-sqlite3'])
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(project, 'example.js'), code);
  return project;
}

describe('examples in documents', function () {
  this.timeout(30_000);
  const all = documents().flatMap((path) =>
    examplesIn(path).map((example, index) => ({ path, index, ...example })),
  );

  it('exist', () => {
    expect(all.filter(({ path }) => path === 'README.md')).to.not.have.length(0);
  });

  for (const { path, index, code, output } of all)
    it(`${path}: number ${index + 1} runs and prints what is said`, async () => {
      const { stdout } = await run(process.execPath, ['example.js'], {
        cwd: makeProject(code),
        timeout: 25_000,
      });
      expect(output, 'a text block after the example, with its output').to.be.a('string');
      expect(stdout).to.equal(output);
    });
});
