import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadJobs } from '../../src/jobs/index.js';
import { errorOf } from './rejection.js';
import { removeTempFolders, tempFolder } from './temp-folder.js';

const defined = (name: string) => `{ name: '${name}', execute() { return '${name}' } }`;
const classJob = (name: string) => `class ${name} { static create() { return new ${name}() } execute() {} }`;

describe('loading jobs', () => {
  afterEach(removeTempFolders);

  const shapes: [shape: string, file: string, text: string, names: string[]][] = [
    ['a default-exported job', 'a.mjs', `export default ${defined('one')}`, ['one']],
    ['a default-exported class', 'a.mjs', `export default ${classJob('One')}`, ['One']],
    [
      'a default-exported library',
      'a.mjs',
      `export default { one: ${defined('x')}, Two: ${classJob('Y')} }`,
      ['one', 'Two'],
    ],
    [
      'named exports',
      'a.mjs',
      `export const b = ${defined('one')}; export ${classJob('Two')}; export const n = 1`,
      ['one', 'Two'],
    ],
    [
      'named exports beside a library',
      'a.mjs',
      `export const two = ${defined('two')}; export default { one: ${defined('x')} }`,
      ['one', 'two'],
    ],
    [
      'a library whose entries are exported by name too',
      'a.mjs',
      `export const x = ${defined('x')}; export default { one: x }`,
      ['one'],
    ],
    ['module.exports = Job', 'a.cjs', `module.exports = ${classJob('One')}`, ['One']],
    [
      'module.exports = { … }',
      'a.cjs',
      `const job = ${classJob('One')}; module.exports = { first: job }`,
      ['first'],
    ],
    [
      'compiled CommonJS',
      'a.cjs',
      `exports.__esModule = true; exports.default = ${classJob('One')}`,
      ['One'],
    ],
  ];
  for (const [shape, file, text, names] of shapes)
    it(`takes ${shape} (EM-31)`, async () => {
      const folder = await tempFolder({ [file]: text });
      expect(await loadJobs(join(folder, file))).to.have.all.keys(names);
    });

  it('takes all files below a folder, in order', async () => {
    const folder = await tempFolder({
      'b.mjs': `export default ${defined('b')}`,
      'a/z.cjs': `module.exports = ${classJob('Z')}`,
      'c.js': `module.exports = ${classJob('C')}`,
    });
    expect(Object.keys(await loadJobs(folder))).to.deep.equal(['Z', 'b', 'C']);
  });

  it('passes over hidden files, tests, declarations, maps and files without a job', async () => {
    const boom = 'throw new Error("loaded")';
    const folder = await tempFolder({
      'a.mjs': `export default ${defined('a')}`,
      'helper.mjs': 'export const sum = (a, b) => a + b; export class Client { static create() {} }',
      'data.json': '{}',
      '.hidden.mjs': boom,
      '.git/x.mjs': boom,
      'a.d.ts': boom,
      'a.mjs.map': boom,
      'a.test.mjs': boom,
      'a.spec.js': boom,
      'test/x.mjs': boom,
      'node_modules/x/index.mjs': boom,
    });
    expect(await loadJobs(folder)).to.have.all.keys('a');
  });

  it('passes over hidden links to nowhere, which editors leave as locks', async () => {
    const folder = await tempFolder({ 'a.mjs': `export default ${defined('a')}` });
    await symlink('somebody@somewhere.1234', join(folder, '.#a.mjs'));
    expect(await loadJobs(folder)).to.have.all.keys('a');
  });

  it('takes the compiled file of a pair', async () => {
    const folder = await tempFolder({ 'a.mjs': `export default ${defined('a')}`, 'a.mts': 'not even code' });
    expect(await loadJobs(folder)).to.have.all.keys('a');
  });

  it('lets an index file export again what others made', async () => {
    const folder = await tempFolder({
      'a.mjs': `export default ${defined('a')}`,
      'index.mjs': `import a from './a.mjs'; export default { a, alias: a }`,
    });
    expect(await loadJobs(folder)).to.have.all.keys('a', 'alias');
  });

  it('refuses two jobs of one name, naming both files (EM-31)', async () => {
    const folder = await tempFolder({
      'a.mjs': `export default ${defined('same')}`,
      'b.mjs': `export default ${defined('same')}`,
    });
    const error = await errorOf(() => loadJobs(folder));
    expect(error.code).to.equal('PE_DUPLICATE_JOB');
    expect(error.message).to.include('same job already exists, please choose a unique name!');
    expect(error.message).to.include(join(folder, 'a.mjs')).and.include(join(folder, 'b.mjs'));
  });

  it('keeps an entry called __proto__ an entry', async () => {
    const folder = await tempFolder({ 'a.mjs': `export default ${defined('__proto__')}` });
    expect(Object.keys(await loadJobs(folder))).to.deep.equal(['__proto__']);
  });

  const faults: [what: string, files: Record<string, string>, expectation: string][] = [
    ['a folder without jobs', { 'a.mjs': 'export default 1' }, 'No job found'],
    ['a file that throws', { 'a.mjs': 'throw new Error("no licence")' }, 'a.mjs: no licence'],
    ['a list of jobs, which has no names', { 'a.mjs': `export default [${defined('a')}]` }, 'by their names'],
    [
      'a map of jobs',
      {
        'a.mjs': `export default new Map([['a', ${defined('a')}]])`,
        'b.mjs': `export default ${defined('b')}`,
      },
      'a.mjs: The job library must be an object of jobs by their names',
    ],
    ['an anonymous class', { 'a.mjs': `export default class { static create() {} }` }, 'needs a name'],
    ['a library with a stranger', { 'a.mjs': `export default { a: ${defined('a')}, b: 1 }` }, 'Job b: '],
    [
      'a wrong policy',
      { 'a.mjs': `export default { name: 'a', execute() {}, timeoutMs: 'x' }` },
      'a.mjs: Job a: timeoutMs',
    ],
  ];
  for (const [what, files, expectation] of faults)
    it(`refuses ${what}`, async () => {
      const folder = await tempFolder(files);
      const error = await errorOf(() => loadJobs(folder));
      expect(error.code).to.equal('PE_INVALID_JOB');
      expect(error.message).to.include(expectation);
    });

  it('says which path it cannot read', async () => {
    const error = await errorOf(() => loadJobs('/nowhere/jobs'));
    expect(error.message).to.include('Jobs cannot be read from /nowhere/jobs');
  });

  it('runs TypeScript where Node does, and says what to do where it does not', async () => {
    const folder = await tempFolder({
      'a.mts': `const name: string = 'a'; export default { name, execute() {} }`,
    });
    const runsTypeScript = 'typescript' in process.features && Boolean(process.features.typescript);
    if (runsTypeScript) expect(await loadJobs(folder)).to.have.all.keys('a');
    else expect((await errorOf(() => loadJobs(folder))).message).to.include('compile it to JavaScript');
  });
});
