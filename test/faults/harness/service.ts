import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceProcess } from '../../cli/service-process.js';
import { MAIN, plainEnv } from '../../cli/run-cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import type { Scenario } from './scenario.js';

const JOBS = fileURLToPath(new URL('./service-jobs.js', import.meta.url));

/** Starts `program-executor worker` on the programs of a scenario. `ServiceProcess.killAll` ends it with the test. */
export async function startService(
  { crew, table }: Scenario,
  flags: readonly string[],
): Promise<ServiceProcess> {
  const { config, options } = crew.defaults;
  const file = join(temporaryFolder(), `${table}.mjs`);
  await writeFile(
    file,
    `export default ${JSON.stringify({ ...config, worker: { ...options, jobs: JOBS } })};`,
  );
  const args = ['worker', '--config', file, '--json', ...flags];
  return new ServiceProcess(MAIN, args, { cwd: temporaryFolder(), env: plainEnv() });
}
