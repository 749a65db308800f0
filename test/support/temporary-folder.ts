import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | undefined;

/** This process's own folder for files; removed when the process ends. */
export function temporaryFolder(): string {
  if (folder !== undefined) return folder;
  const made = (folder = mkdtempSync(join(tmpdir(), 'program-executor-files-')));
  process.once('exit', () => {
    rmSync(made, { recursive: true, force: true });
  });
  return made;
}
