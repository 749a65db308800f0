import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);

/** What an example prints, run as a process of its own; rejects when it fails, or does not end by itself. */
export async function runExample(name: string, ...args: string[]): Promise<string> {
  const script = fileURLToPath(new URL(`../../examples/${name}/main.js`, import.meta.url));
  const { stdout } = await run(process.execPath, ['--enable-source-maps', script, ...args], {
    timeout: 110_000,
    env: { ...process.env, TMPDIR: temporaryFolder() },
  });
  return stdout;
}
