import { checkOptions, isBoolean, type Check } from './checks.js';

/** What `migrate` takes. */
export interface MigrateOptions {
  /** Tells what would be run, and changes nothing; default false. */
  dryRun?: boolean;
}

const CHECKS: Readonly<Record<keyof MigrateOptions, Check>> = { dryRun: isBoolean };

/** @throws ConfigError naming the option that is wrong: whoever misspells `dryRun` wants nothing to be changed */
export function checkMigrateOptions(options: unknown): asserts options is MigrateOptions {
  checkOptions(options, CHECKS);
}
