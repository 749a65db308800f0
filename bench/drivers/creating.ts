import { setTimeout as delay } from 'node:timers/promises';
import { nowMs } from './clock.js';
import type { Elapsed } from './commands.js';
import type { Driver } from './driver.js';
import { makeProgramData } from './program-data.js';

export async function elapsed(work: () => Promise<unknown>): Promise<Elapsed> {
  const startedAtMs = nowMs();
  await work();
  return { elapsedMs: nowMs() - startedAtMs };
}

/** `callers` at once; each creates its next program when the one before is durable. */
export async function createOneByOne(driver: Driver, count: number, callers: number): Promise<void> {
  let next = 0;
  const call = async (): Promise<void> => {
    while (next < count) await driver.create(makeProgramData(next++));
  };
  await Promise.all(Array.from({ length: callers }, call));
}

export async function createPaced(driver: Driver, count: number, everyMs: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await driver.create(makeProgramData(index));
    await delay(everyMs);
  }
}
