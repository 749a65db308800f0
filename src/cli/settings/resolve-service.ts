import { checkSettings, wholeNumber, type Check } from '../../config/checks.js';
import type { WorkerOptions } from '../../config/index.js';
import { ConfigError } from '../../errors/index.js';
import type { ConfigFile } from './config-file.js';

export interface WorkerFlags {
  jobs?: string;
  processes?: number;
  concurrency?: number;
  /** Its code. */
  batch?: string;
  /** In seconds. */
  grace?: number;
}

export interface ServiceSettings {
  /** File or folder. */
  readonly jobs: string;
  readonly processes: number;
  readonly graceMs: number;
  readonly workerOptions: WorkerOptions;
}

const CHECKS: Readonly<Record<string, Check>> = {
  jobs: ['a file or folder of jobs', (value) => typeof value === 'string' && value !== ''],
  processes: wholeNumber(1, 256),
  graceSeconds: [
    'seconds from 0 to 86400',
    (value) => typeof value === 'number' && value >= 0 && value <= 86_400,
  ],
};

/**
 * What `program-executor worker` runs: a flag wins over `worker` of the configuration file.
 * @throws ConfigError naming the setting that is wrong or missing
 */
export function resolveService(file: ConfigFile['worker'], flags: WorkerFlags): ServiceSettings {
  const { jobs, processes = 1, graceSeconds = 10, ...workerOptions } = { ...file, ...service(flags) };
  if (jobs === undefined) throw new ConfigError('--jobs', 'name the file or folder of the jobs');
  checkSettings({ jobs, processes, graceSeconds }, CHECKS, 'worker.');
  return { jobs, processes, graceMs: graceSeconds * 1_000, workerOptions };
}

function service({
  jobs,
  processes,
  concurrency,
  batch,
  grace,
}: WorkerFlags): NonNullable<ConfigFile['worker']> {
  return {
    ...(jobs !== undefined && { jobs }),
    ...(processes !== undefined && { processes }),
    ...(concurrency !== undefined && { concurrency }),
    ...(batch !== undefined && { batch }),
    ...(grace !== undefined && { graceSeconds: grace }),
  };
}
