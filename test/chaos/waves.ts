import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { disastersFor } from './disasters/index.js';
import { Lane } from './lane.js';
import { Random } from './random.js';
import { Strikes } from './strikes.js';
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

interface Weather extends Storm {
  readonly lanes: readonly Lane[];
  readonly strikes: Strikes;
}

/** Waves of disasters for so long, then quiet until every program has ended. Resolves with what struck. */
export async function storm(parts: Storm, durationMs: number): Promise<Strikes> {
  const { world, random, tell } = parts;
  const lanes = disastersFor(world).map((lane) => new Lane(lane, new Random(random.between(0, 2 ** 31))));
  const strikes = new Strikes(world);
  const endsAtMs = performance.now() + durationMs;
  while (performance.now() < endsAtMs)
    await wave({ ...parts, lanes, strikes }, Math.min(endsAtMs, performance.now() + WAVE_MS));
  tell('quiet');
  await quiet(parts);
  return strikes;
}

async function wave(weather: Weather, endsAtMs: number): Promise<void> {
  const { world, random, tell } = weather;
  staff(world, random);
  tell(`a wave over ${world.workforce.pids.length} workers`);
  await world.programs.create(random.between(20, 60), random);
  const striking = weather.lanes.map((lane) => strikeUntil(endsAtMs, lane, weather));
  // Where one lane cannot go on, the others come to their end all the same.
  const ends = await Promise.allSettled([...striking, createUntil(endsAtMs, weather)]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** As many workers as this wave is to have, or more when they are there. */
function staff({ workforce }: World, random: Random): void {
  const wanted = random.between(WORKERS.least, WORKERS.most);
  while (workforce.pids.length < wanted) workforce.hire();
}

async function strikeUntil(endsAtMs: number, lane: Lane, { world, tell, strikes }: Weather): Promise<void> {
  const { random } = lane;
  while (performance.now() < endsAtMs) {
    await delay(random.between(PAUSES_MS.least, PAUSES_MS.most));
    if (world.workforce.pids.length < WORKERS.least) world.workforce.hire();
    tell(await strikes.strike(lane.next(), random));
  }
}

async function createUntil(endsAtMs: number, { world, random }: Storm): Promise<void> {
  while (performance.now() < endsAtMs) {
    await world.programs.create(random.between(1, 10), random);
    await delay(random.between(50, 800));
  }
}

async function quiet({ world, random }: Storm): Promise<void> {
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
