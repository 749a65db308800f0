import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { disastersFor, type Disaster } from './disasters/index.js';
import { Random } from './random.js';
import type { World } from './world.js';

const WAVE_MS = 15_000;
/** From one disaster of a lane to the next, in milliseconds. */
const PAUSES_MS = { least: 200, most: 3_000 };
const WORKERS = { least: 3, most: 6 };
/** What a fleet without disasters needs for what is left, back-offs and leases included. */
const QUIET_DEADLINE_MS = 120_000;

export interface Storm {
  readonly world: World;
  readonly random: Random;
  /** One line for each thing that happens. */
  readonly tell: (line: string) => void;
}

/** Waves of disasters for so long, then quiet until every program has ended. Resolves with how many struck. */
export async function storm(parts: Storm, durationMs: number): Promise<number> {
  const endsAtMs = performance.now() + durationMs;
  let struck = 0;
  while (performance.now() < endsAtMs)
    struck += await wave(parts, Math.min(endsAtMs, performance.now() + WAVE_MS));
  await quiet(parts);
  return struck;
}

async function wave(parts: Storm, endsAtMs: number): Promise<number> {
  const { world, random, tell } = parts;
  staff(world, random);
  tell(`a wave over ${world.workforce.pids.length} workers`);
  await world.create(random.between(20, 60), random);
  const lanes = disastersFor(world.database.kind).map((lane) => strikeUntil(endsAtMs, lane, parts));
  const creating = createUntil(endsAtMs, parts);
  const struck = await Promise.all(lanes);
  await creating;
  return struck.reduce((sum, count) => sum + count, 0);
}

/** As many workers as this wave is to have, or more when they are there. */
function staff({ workforce }: World, random: Random): void {
  const wanted = random.between(WORKERS.least, WORKERS.most);
  while (workforce.pids.length < wanted) workforce.hire();
}

/** Each lane has a chance of its own: else their order would depend on how long each disaster takes. */
async function strikeUntil(endsAtMs: number, lane: readonly Disaster[], parts: Storm): Promise<number> {
  const random = new Random(parts.random.between(0, 2 ** 31));
  let struck = 0;
  while (performance.now() < endsAtMs) {
    await delay(random.between(PAUSES_MS.least, PAUSES_MS.most));
    if (parts.world.workforce.pids.length < WORKERS.least) parts.world.workforce.hire();
    const disaster = random.pick(lane);
    parts.tell(`${disaster.name} ${await strike(disaster, parts.world, random)}`);
    struck += 1;
  }
  return struck;
}

/** A disaster may meet with one, as when the database that it wants to ask is away. */
function strike(disaster: Disaster, world: World, random: Random): Promise<string> {
  return disaster.strike(world, random).catch((error: unknown) => `(in vain: ${String(error)})`);
}

async function createUntil(endsAtMs: number, { world, random }: Storm): Promise<void> {
  while (performance.now() < endsAtMs) {
    await world.create(random.between(1, 10), random);
    await delay(random.between(50, 800));
  }
}

async function quiet({ world, random, tell }: Storm): Promise<void> {
  tell('quiet');
  staff(world, random);
  const left = async (): Promise<number> => {
    const rows = await world
      .knex(world.table)
      .whereNull('finished_at')
      .whereNull('errored_at')
      .count({ n: '*' });
    return Number(rows[0]?.['n']);
  };
  // Those that do not end are violations, to be told with the others.
  await eventually('all ended', async () => (await left()) === 0, QUIET_DEADLINE_MS).catch(() => undefined);
}
