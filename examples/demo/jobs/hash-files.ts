import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { defineJob, type JobMessage } from '../../../index.js';
import type { PackageFolder } from '../packages.js';

export interface Hashes {
  files: number;
  bytes: number;
  sha256: string;
}

/** Hashes every file of the package. `context.signal` ends it early when the worker stops. */
export const hashFiles = defineJob({
  name: 'hash_files',
  async execute({ programData }: JobMessage<PackageFolder>, _jobData, { signal }): Promise<Hashes> {
    const hash = createHash('sha256');
    const paths = await filesBelow(programData.folder);
    let bytes = 0;
    for (const path of paths) {
      const content = await readFile(path, { signal });
      hash.update(relative(programData.folder, path)).update(content);
      bytes += content.length;
    }
    return { files: paths.length, bytes, sha256: hash.digest('hex') };
  },
});

/** Packages inside this one are not hashed with it. */
async function filesBelow(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name !== 'node_modules');
  const found = await Promise.all(names.map((name) => filesAt(join(folder, name))));
  return found.flat().sort();
}

async function filesAt(path: string): Promise<string[]> {
  const stats = await lstat(path);
  if (stats.isDirectory()) return filesBelow(path);
  return stats.isFile() ? [path] : [];
}
