import type { Command } from 'commander';
import { ProgramExecutor } from '../program-executor.js';
import { loadConfigFile, type ConfigFile } from './settings/config-file.js';
import type { GlobalFlags } from './settings/flags.js';
import { resolveConfig } from './settings/resolve-config.js';

export interface Settings<Flags> {
  readonly flags: Flags & GlobalFlags;
  readonly file: ConfigFile;
}

/** The flags of a command, its own and the global ones, with the configuration file they lead to. */
export async function readSettings<Flags>(command: Command): Promise<Settings<Flags>> {
  const flags = command.optsWithGlobals<Flags & GlobalFlags>();
  return { flags, file: await loadConfigFile(process.cwd(), flags.config) };
}

/** An executor as file, environment and flags describe it. */
export function openExecutor({ file, flags }: Settings<object>): ProgramExecutor {
  return ProgramExecutor.create(resolveConfig({ file, flags, env: process.env }));
}

/** Opens an executor for one piece of work, and closes it whatever comes of that. */
export async function withExecutor<T>(
  settings: Settings<object>,
  work: (executor: ProgramExecutor) => Promise<T>,
): Promise<T> {
  const executor = openExecutor(settings);
  try {
    return await work(executor);
  } finally {
    await executor.close();
  }
}
