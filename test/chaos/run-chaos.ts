import type { TestDatabase } from '../support/databases.js';
import { accountOf, type Account } from './account.js';
import { Random } from './random.js';
import { findViolations } from './verdict.js';
import { storm } from './waves.js';
import { World } from './world.js';

export interface ChaosOptions {
  readonly database: TestDatabase;
  readonly durationMs: number;
  readonly seed: number;
  /** True: writes are not guarded, which must show. PostgreSQL only. */
  readonly isFenceOff: boolean;
  readonly tell: (line: string) => void;
}

/** A world of its own, a storm over it, and the account of what the audit saw. */
export async function runChaos(options: ChaosOptions): Promise<Account> {
  const { tell, durationMs, seed } = options;
  const world = await World.open(options);
  try {
    const disasters = await storm({ world, random: new Random(seed), tell }, durationMs);
    const { found, cases } = await findViolations(world);
    return accountOf(cases, world.workforce.tally, { disasters, violations: found });
  } finally {
    await world.close();
  }
}
