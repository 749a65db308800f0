import { accountOf, type Account } from './account.js';
import { disastersFor } from './disasters/index.js';
import { Random } from './random.js';
import { findViolations } from './verdict.js';
import { storm } from './waves.js';
import { withWorld, type WorldOptions } from './world.js';

export interface ChaosOptions extends WorldOptions {
  readonly durationMs: number;
  readonly seed: number;
  readonly tell: (line: string) => void;
}

/** A world of its own, a storm over it, and the account of what the audit saw. */
export function runChaos(options: ChaosOptions): Promise<Account> {
  const { tell, durationMs, seed } = options;
  return withWorld(options, async (world) => {
    const kinds = disastersFor(world).flat().length;
    tell(`${kinds} kinds of disasters${world.ways.disk ? '' : '; no disk to be filled could be mounted'}`);
    const { counts, inVain } = await storm({ world, random: new Random(seed), tell }, durationMs);
    const { found, cases } = await findViolations(world);
    const disasters = { counts, inVain, kinds };
    return accountOf(cases, world.workforce.tally, { disasters, violations: found });
  });
}
