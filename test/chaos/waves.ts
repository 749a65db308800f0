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

/** Waves of programs and disasters for so long, then quiet until every program has ended. Resolves with what struck. */
export async function storm(parts: Storm, durationMs: number): Promise<Strikes> {
  const { world, random, tell } = parts;
  const lanes = disastersFor(world).map((lane) => new Lane(lane, new Random(random.between(0, 2 ** 31))));
  const strikes = new Strikes(world);
  const endsAtMs = performance.now() + durationMs;
  const striking = lanes.map((lane) => strikeUntil(endsAtMs, lane, { ...parts, strikes }));
  // Where one of them cannot go on, the others come to their end all the same.
  const ends = await Promise.allSettled([wavesUntil(endsAtMs, parts), ...striking]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  tell('quiet');
  await quiet(parts);
  return strikes;
}

async function wavesUntil(endsAtMs: number, { world, random, tell }: Storm): Promise<void> {
  while (performance.now() < endsAtMs) {
    staff(world, random.between(WORKERS.least, WORKERS.most));
    tell(`a wave over ${world.workforce.pids.length} workers`);
    await world.programs.create(random.between(20, 60), random);
    await createUntil(Math.min(endsAtMs, performance.now() + WAVE_MS), world, random);
  }
}

/** So many workers, or more when they are there. */
function staff({ workforce }: World, wanted: number): void {
  while (workforce.pids.length < wanted) workforce.hire();
}

interface Striking extends Storm {
  readonly strikes: Strikes;
}

async function strikeUntil(endsAtMs: number, lane: Lane, { world, tell, strikes }: Striking): Promise<void> {
  const { random } = lane;
  while (performance.now() < endsAtMs) {
    await delay(random.between(PAUSES_MS.least, PAUSES_MS.most));
    staff(world, WORKERS.least);
    tell(await strikes.strike(lane.next(), random));
  }
}

async function createUntil(endsAtMs: number, { programs }: World, random: Random): Promise<void> {
  while (performance.now() < endsAtMs) {
    await programs.create(random.between(1, 10), random);
    await delay(random.between(50, 800));
  }
}

async function quiet({ world }: Storm): Promise<void> {
  const isOver = async (): Promise<boolean> => {
    // Jobs still end their processes.
    staff(world, WORKERS.least);
    return world.workforce.leavingCount === 0 && (await countUnended(world)) === 0;
  };
  // Programs and workers that do not end are violations, to be told with the others.
  await eventually('all ended', isOver, QUIET_DEADLINE_MS).catch(() => undefined);
}

async function countUnended({ knex, table }: World): Promise<number> {
  const unended = knex(table).whereNull('finished_at').whereNull('errored_at');
  const rows = await unended.count({ n: '*' });
  return Number(rows[0]?.['n']);
}
