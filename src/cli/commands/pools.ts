import { Command } from 'commander';
import type { Pool } from '../../pools/pools.js';
import type { ProgramExecutor } from '../../program-executor.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { coloursFor } from '../render/colours.js';
import { renderHolders, renderPools } from '../render/pool-list.js';
import { requirePool } from '../target.js';
import type { Action } from './action.js';

/** `pools`: what runs and waits in each pool. */
export function poolsCommand(run: Action): Command {
  return new Command('pools')
    .description(
      'list pools: their limits, what runs and waits in them; with a name, also what holds its slots',
    )
    .argument('[pool]', 'its name')
    .action((name: string | undefined, _flags, command: Command) => run(() => pools(name, command)));
}

async function onePool(executor: ProgramExecutor, name: string): Promise<Pool[]> {
  return [await requirePool(executor, name)];
}

async function pools(name: string | undefined, command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  const found = await withExisting(settings, ({ executor }) =>
    name === undefined ? executor.pools.list() : onePool(executor, name),
  );
  const render = () => {
    const listed = renderPools(found, coloursFor(process.stdout, process.env));
    const held = name === undefined ? [] : found.map(renderHolders);
    return [listed, ...held].join('\n\n');
  };
  print(settings.flags, render, { pools: found });
  return EXIT.ok;
}
