import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ExecutorConfig, WorkerOptions } from '../../config/index.js';
import { ConfigError, messageOf } from '../../errors/index.js';
import { defaultExportOf, importModule } from '../../jobs/import-module.js';

/** What a configuration file default-exports: the settings of `ProgramExecutor.create`, and the service's. */
export interface ConfigFile extends ExecutorConfig {
  /** Defaults of `program-executor worker`. */
  worker?: WorkerOptions & {
    /** File or folder of the jobs. */
    jobs?: string;
    /** Worker processes; default 1. */
    processes?: number;
    /** How long running jobs may take to end after a stop signal, in seconds; default 10. */
    graceSeconds?: number;
  };
}

const NAMES = ['js', 'mjs', 'ts'].map((extension) => `program-executor.config.${extension}`);

/**
 * Loads the file that `--config` names, else the first of `program-executor.config.{js,mjs,ts}` in the folder.
 * @returns an empty configuration where there is no file
 * @throws ConfigError for a file that is missing, cannot be run, or exports no object
 */
export async function loadConfigFile(folder: string, flag?: string): Promise<ConfigFile> {
  const file = flag === undefined ? await findConfigFile(folder) : resolve(folder, flag);
  return file === undefined ? {} : importConfig(file);
}

async function findConfigFile(folder: string): Promise<string | undefined> {
  for (const name of NAMES) if (await exists(join(folder, name))) return join(folder, name);
  return undefined;
}

async function importConfig(file: string): Promise<ConfigFile> {
  const config = defaultExportOf(await importOrExplain(file));
  if (typeof config !== 'object' || config === null)
    throw new ConfigError(file, 'expected a default export that is an object of settings');
  return config;
}

async function importOrExplain(file: string): ReturnType<typeof importModule> {
  try {
    return await importModule(file);
  } catch (cause) {
    throw new ConfigError(file, messageOf(cause), { cause });
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
