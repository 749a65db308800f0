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
  /** The modules that the document has shown before, by their names. */
  readonly modules: Readonly<Record<string, string>>;
}

const ENTRIES = { '.': './index.js', './testing': './testing.js' };

/** Every block of JavaScript in the README; elsewhere those marked `js run`, with those marked `js file=…` before. */
function examplesIn(path: string): Example[] {
  const blocks = codeBlocks(readText(path));
  const modules: Record<string, string> = {};
  return blocks.flatMap(({ info, code }, index) => {
    const module = /^js file=(\S+)$/.exec(info)?.[1];
    if (module !== undefined) modules[module] = code;
    if (info !== 'js run' && !(path === 'README.md' && /^(js|ts)\b/.test(info))) return [];
    const next = blocks[index + 1];
    return [{ code, output: next?.info === 'text' ? next.code : undefined, modules: { ...modules } }];
  });
}

/** An empty project that has this package, as built here, installed. */
function makeProject({ code, modules }: Example): string {
  const project = mkdtempSync(join(temporaryFolder(), 'example-'));
  const installed = join(project, 'node_modules', 'program-executor');
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ type: 'module', exports: ENTRIES }));
  for (const entry of Object.values(ENTRIES))
    writeFileSync(
      join(installed, entry),
      `export * from '${new URL(`../../${entry}`, import.meta.url).href}';`,
    );
  for (const name of ['zod', 'knex', 'better-sqlite3'])
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries({ ...modules, 'example.js': code }))
    writeFileSync(join(project, name), text);
  return project;
}

describe('examples in documents', function () {
  this.timeout(120_000);
  const all = documents().flatMap((path) =>
    examplesIn(path).map((example, index) => ({ path, index, ...example })),
  );

  it('exist', () => {
    expect(all.filter(({ path }) => path === 'README.md')).to.not.have.length(0);
  });

  for (const { path, index, output, ...example } of all)
    it(`${path}: number ${index + 1} runs and prints what is said`, async () => {
      const { stdout } = await run(process.execPath, ['example.js'], {
        cwd: makeProject({ output, ...example }),
        timeout: 110_000,
      });
      expect(output, 'a text block after the example, with its output').to.be.a('string');
      expect(stdout).to.equal(output);
    });
});
