import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { World } from '../world.js';

/** Something that goes wrong, and is put right again by whoever let it happen. */
export interface Disaster {
  /** In a few words; the values of chance come behind it. */
  readonly name: string;
  /** Resolves, with what exactly it was, when it is over. */
  strike(world: World, random: Random): Promise<string>;
}

/** Lets a disaster last; that is its nature, nobody waits for anything here. */
export async function last(leastMs: number, mostMs: number, random: Random): Promise<string> {
  const ms = random.between(leastMs, mostMs);
  await delay(ms);
  return `${ms} ms`;
}
