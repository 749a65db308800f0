import { STAGES, type CrashPoint } from '../../faults/harness/crash-points.js';
import { last, type Disaster } from './disaster.js';

const HOUR_MS = 3_600_000;

/** Each ends, stops or misleads a worker process. */
export const WORKER_DISASTERS: readonly Disaster[] = [
  {
    name: 'a worker is killed',
    strike: (world, random) => {
      const pid = random.pick(world.workforce.pids);
      world.workforce.signal(pid, 'SIGKILL');
      world.workforce.hire();
      return Promise.resolve(`pid ${pid}`);
    },
  },
  {
    name: 'a worker is frozen and thawed',
    strike: async (world, random) => {
      const pid = random.pick(world.workforce.pids);
      world.workforce.signal(pid, 'SIGSTOP');
      const lasted = await last(500, 6_000, random);
      world.workforce.signal(pid, 'SIGCONT');
      return `pid ${pid}, ${lasted}`;
    },
  },
  {
    name: 'a worker is told to stop',
    strike: (world, random) => {
      const pid = random.pick(world.workforce.pids);
      world.workforce.dismiss(pid);
      world.workforce.hire();
      return Promise.resolve(`pid ${pid}`);
    },
  },
  {
    name: 'a worker dies at a point of the protocol',
    strike: (world, random) => {
      const point: CrashPoint = `${random.pick(['before', 'after'] as const)} ${random.pick(STAGES)}`;
      world.workforce.hire({ dieAt: point, clockShiftMs: 0 });
      return Promise.resolve(point);
    },
  },
  {
    name: 'a worker comes whose clock is wrong',
    strike: (world, random) => {
      const clockShiftMs = random.pick([-HOUR_MS, HOUR_MS]);
      world.workforce.hire({ clockShiftMs });
      return Promise.resolve(`by ${clockShiftMs / HOUR_MS} h`);
    },
  },
];
