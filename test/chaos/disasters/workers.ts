import { STAGES, type CrashPoint } from '../../faults/harness/crash-points.js';
import { jobAt, MAX_STEPS } from '../steps.js';
import type { World } from '../world.js';
import { last, type Disaster } from './disaster.js';

const HOUR_MS = 3_600_000;
/** As far apart as they get, and one that is not whole hours off. */
const TIME_ZONES = ['Pacific/Kiritimati', 'Pacific/Niue', 'Asia/Kathmandu', 'Europe/Budapest'];
/** Workers insert no programs. */
const WORKER_STAGES = STAGES.filter((stage) => stage !== 'insert');
const LEAST_MAX_BLOCKED_MS = 1_000;

/** Each ends, stops or misleads a worker process. */
export const WORKER_DISASTERS: readonly Disaster[] = [
  {
    name: 'a worker is killed',
    strike: async ({ workforce }, random) => {
      const pid = random.pick(workforce.pids);
      workforce.signal(pid, 'SIGKILL');
      workforce.hire();
      return `pid ${pid}`;
    },
  },
  {
    name: 'a worker is frozen and thawed',
    strike: async ({ workforce }, random) => {
      const pid = random.pick(workforce.pids);
      workforce.signal(pid, 'SIGSTOP');
      return `pid ${pid}`;
    },
    lastsMs: [500, 6_000],
    undo: async ({ workforce }) => {
      for (const pid of workforce.pids) workforce.signal(pid, 'SIGCONT');
    },
  },
  {
    name: 'a worker is told to stop',
    strike: async ({ workforce }, random) => {
      const pid = random.pick(workforce.pids);
      workforce.dismiss(pid);
      workforce.hire();
      return `pid ${pid}`;
    },
  },
  {
    name: 'a worker dies at a point of the protocol',
    strike: async ({ workforce }, random) => {
      const dieAt: CrashPoint = `${random.pick(['before', 'after'] as const)} ${random.pick(WORKER_STAGES)}`;
      workforce.hire({ dieAt });
      return dieAt;
    },
  },
  {
    name: 'a worker comes whose clock is wrong, and who lives elsewhere',
    strike: async ({ workforce }, random) => {
      const clockShiftMs = random.pick([-HOUR_MS, HOUR_MS]);
      const timeZone = random.pick(TIME_ZONES);
      workforce.hire({ clockShiftMs }, { TZ: timeZone });
      return `by ${clockShiftMs / HOUR_MS} h, in ${timeZone}`;
    },
  },
  {
    name: 'a worker comes that lets go of its programs when a job blocks it for a second',
    strike: async ({ workforce }) => void workforce.hire({ maxBlockedMs: LEAST_MAX_BLOCKED_MS }),
  },
  {
    name: 'a worker comes for a while that does not know a job',
    strike: (world, random) => {
      const lacks = jobAt(random.between(0, MAX_STEPS - 1));
      return leaving(world, world.workforce.hire({ lacks }), () => last([2_000, 5_000], random));
    },
  },
  {
    name: "the pool of a worker is exhausted by its application's own queries",
    strike: async ({ workforce }, random) => {
      const pid = random.pick(workforce.pids);
      const forMs = random.between(500, 4_000);
      workforce.command(pid, { do: 'exhaustPool', forMs });
      return `pid ${pid}, ${forMs} ms`;
    },
  },
  {
    name: 'the pool of a worker is destroyed, and the worker replaced',
    strike: (world, random) => {
      const { workforce } = world;
      const pid = random.pick(workforce.pids);
      workforce.command(pid, { do: 'destroyPool' });
      workforce.hire();
      return leaving(world, pid, () => last([500, 4_000], random));
    },
  },
];

/** Does `work`, and dismisses this worker in the end. */
async function leaving({ workforce }: World, pid: number, work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } finally {
    workforce.dismiss(pid);
  }
}
