import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const JOB_FILE = /\.(?:js|mjs|cjs|ts|mts)$/;
const NO_JOB_FILE = /\.d\.m?ts$|\.(?:test|spec)\.\w+$/;
const NO_JOB_FOLDER = new Set(['node_modules', 'test', 'tests', '__tests__']);

/**
 * The files that may hold jobs, as sorted absolute paths: the file itself, or all below a folder but
 * hidden ones, type declarations, source maps and tests.
 */
export async function findJobFiles(path: string): Promise<string[]> {
  const absolute = resolve(path);
  if (!(await stat(absolute)).isDirectory()) return [absolute];
  const files = (await filesBelow(absolute)).sort();
  return files.filter((file) => !hasCompiledSibling(file, files));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  // A hidden one may be a link to nowhere, such as the lock of an editor.
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const found = visible.map(async ({ name }) => {
    const path = join(folder, name);
    // Follows symbolic links, as a folder of jobs may be mounted file by file.
    const isFolder = (await stat(path)).isDirectory();
    if (isFolder) return isJobFolder(name) ? filesBelow(path) : [];
    return isJobFile(name) ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

function isJobFolder(name: string): boolean {
  return !NO_JOB_FOLDER.has(name);
}

function isJobFile(name: string): boolean {
  return JOB_FILE.test(name) && !NO_JOB_FILE.test(name);
}

/** `a.ts` beside `a.js` is the source of the same jobs. */
function hasCompiledSibling(file: string, files: readonly string[]): boolean {
  return /\.m?ts$/.test(file) && files.includes(file.replace(/ts$/, 'js'));
}
