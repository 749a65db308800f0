/** `npm run check:package`: packs what would be published and looks at it as a user's tools will. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What users need and nothing else: no tests, sources, source maps or configuration. */
const WANTED = [
  /^package\.json$/,
  /^(README|LICENSE|CHANGELOG)(\.md)?$/,
  /^dist\/(index|testing)\.(js|d\.ts)$/,
  /^dist\/(src|migrations)\/.*\.(js|d\.ts)$/,
  /^docs\/(?!decisions\/).*\.(md|svg|png)$/,
];
const REQUIRED = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/testing.js',
  'dist/testing.d.ts',
  'dist/src/cli/main.js',
  'dist/src/testing/crash-process-main.js',
];

function checkContents(paths) {
  const unwanted = paths.filter((path) => !WANTED.some((pattern) => pattern.test(path)));
  const missing = REQUIRED.filter((path) => !paths.includes(path));
  if (unwanted.length > 0)
    throw new Error(`The package holds what users do not need:\n${unwanted.join('\n')}`);
  if (missing.length > 0) throw new Error(`The package lacks:\n${missing.join('\n')}`);
}

function run(tool, ...args) {
  const local = join('node_modules', '.bin', tool);
  execFileSync(existsSync(local) ? local : tool, args, { stdio: 'inherit' });
}

function pack(folder) {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const parsed = JSON.parse(
    execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return Object.values(parsed)[0];
}

const folder = mkdtempSync(join(tmpdir(), 'program-executor-package-'));
try {
  const { filename, files, size } = pack(folder);
  const tarball = join(folder, filename);
  checkContents(files.map(({ path }) => path));
  run('publint', tarball, '--strict');
  // A CommonJS caller gets the ES module: require() does that on every Node that this package supports.
  run('attw', tarball, '--ignore-rules', 'cjs-resolves-to-esm');
  console.log(`${filename}: ${files.length} files, ${Math.round(size / 1024)} KiB`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
