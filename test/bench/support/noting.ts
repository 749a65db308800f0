import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../../../bench/contenders/contender.js';
import type { DriverSettings } from '../../../bench/drivers/driver.js';
import type { BenchContext } from '../../../bench/harness/bench-context.js';
import { parseOptions } from '../../../bench/cli/options.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const MODULE = fileURLToPath(new URL('./noting-driver.js', import.meta.url));

/** A system without servers; see its driver for the options. */
export function notingContender(options: DriverSettings['options'] = {}): Contender {
  return {
    label: 'noting',
    system: 'noting',
    modulePath: MODULE,
    servers: [],
    options,
    share: 1,
    createShare: 1,
  };
}

/** What a scenario has, with a folder of its own and no servers. */
export function contextOf(...argv: string[]): BenchContext {
  return {
    options: parseOptions(argv, []),
    urls: {},
    serverPids: {},
    nodePath: process.execPath,
    folder: mkdtempSync(join(temporaryFolder(), 'bench-')),
    signal: new AbortController().signal,
  };
}

/** What the systems of this context were asked for, in order. */
export function notesOf({ folder }: BenchContext): string[] {
  return readFileSync(join(folder, 'notes'), 'utf8').trimEnd().split('\n');
}
