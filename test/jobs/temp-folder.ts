import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: string[] = [];

/** A fresh folder holding these files, by relative path. `removeTempFolders` takes it away. */
export async function tempFolder(files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pe-test-'));
  made.push(folder);
  await Promise.all(Object.entries(files).map(([path, text]) => put(join(folder, path), text)));
  return folder;
}

/** For `afterEach`. */
export async function removeTempFolders(): Promise<void> {
  const folders = made.splice(0);
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
