import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerWay } from '../broker-way.js';
import type { Random } from '../random.js';
import type { World } from '../world.js';

/** Something that goes wrong, and is put right again. */
export interface Disaster {
  /** In a few words; the values of chance come behind it. */
  readonly name: string;
  /** Does the harm. May resolve with a text: what exactly it was, where chance had a part in it. */
  strike(world: World, random: Random): Promise<unknown>;
  /** How long the harm lasts then, in milliseconds; left out: no longer. */
  readonly lastsMs?: readonly [least: number, most: number];
  /** Puts everything right. May be called when nothing is wrong, and again when it has failed. */
  undo?(world: World): Promise<unknown>;
}

/** Lets a disaster last; that is its nature, nobody waits for anything here. */
export async function last([leastMs, mostMs]: readonly [number, number], random: Random): Promise<string> {
  const ms = random.between(leastMs, mostMs);
  await delay(ms);
  return `${ms} ms`;
}

/** The workers' way to the broker, for disasters that strike only where there is one. */
export function brokerOf({ ways }: World): BrokerWay {
  if (!ways.broker) throw new Error('There is no broker here');
  return ways.broker;
}
