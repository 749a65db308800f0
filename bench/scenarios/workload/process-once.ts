import { setTimeout as delay } from 'node:timers/promises';
import type { Contender } from '../../contenders/contender.js';
import type { BenchContext } from '../../harness/bench-context.js';
import { cleanServers } from '../../harness/clean-servers.js';
import { drain, type Drained } from '../../harness/drain.js';
import type { DriverProcess } from '../../harness/driver-process.js';
import type { Measurement } from '../../harness/measurement.js';
import { withSession, type Session } from '../../harness/session.js';

export interface ProcessPlan {
  programs: number;
  workers: number;
  /** Makes ready what the scenario is about, after the tables exist and before W is created. */
  prepare?: (stage: Stage) => Promise<void>;
  /** Creates the programs that are measured; left out: workload W. */
  createdBy?: CreatePrograms;
  /** Creates those that the workers warm up with; left out: workload W. */
  warmedUpBy?: CreatePrograms;
  /** Left out: as many as the system needs, and no more than are measured. */
  warmUpPrograms?: number;
  /** How many more wait than are measured; default 0. */
  backlog?: number;
}

type CreatePrograms = (producer: DriverProcess, programs: number) => Promise<unknown>;

/** The processes, while no worker works. */
export interface Stage {
  session: Session;
  producer: DriverProcess;
  workers: readonly DriverProcess[];
}

/** So many programs take a worker until V8 has compiled what they run: the first ones cost twice as much. */
const WARM_UP_PROGRAMS = 20_000;
/** A million in one array would be about the memory of the producer. */
const CREATED_AT_ONCE = 100_000;
/** What a producer leaves to do in the background, such as hints and their confirms, is over by then. */
const SETTLE_MS = 500;

/**
 * Workload W: waiting programs, then workers that finish them. From the first line of the first job to the
 * durable end of the last program, in worker processes that have been warmed up.
 */
export function processOnce(
  context: BenchContext,
  contender: Contender,
  plan: ProcessPlan,
): Promise<Measurement> {
  return withSession(context, contender, async (session) => {
    const producer = await session.start('producer');
    await producer.ask('setUp');
    const workers = await startProcesses(session, plan.workers);
    await warmUp(producer, workers, contender, plan);
    await plan.prepare?.({ session, producer, workers });
    const { programs, backlog = 0, createdBy = createW } = plan;
    await createdBy(producer, programs + backlog);
    await session.end(producer);
    await cleanServers(context.urls, contender.servers);
    await delay(SETTLE_MS);
    return measureDrain(session, workers, programs);
  });
}

async function measureDrain(
  session: Session,
  workers: readonly DriverProcess[],
  programs: number,
): Promise<Measurement> {
  const result: { drained?: Drained } = {};
  const cpuMs = await session.cpuMsOf(async () => {
    result.drained = await drain(workers, programs);
  });
  const { programs: finished = 0, firstJobAtMs = 0, lastFinishedAtMs = 0 } = result.drained ?? {};
  return { value: (finished * 1_000) / (lastFinishedAtMs - firstJobAtMs), cpuMs, programs: finished };
}

async function createW(producer: DriverProcess, programs: number): Promise<void> {
  for (let left = programs; left > 0; left -= CREATED_AT_ONCE)
    await producer.ask('createBulk', { count: Math.min(left, CREATED_AT_ONCE) });
}

function startProcesses(session: Session, count: number): Promise<DriverProcess[]> {
  const roles = Array.from({ length: count }, (_, index) => (count === 1 ? 'worker' : `worker ${index + 1}`));
  return Promise.all(roles.map((role) => session.start(role)));
}

async function warmUp(
  producer: DriverProcess,
  workers: readonly DriverProcess[],
  contender: Contender,
  { programs, warmUpPrograms, warmedUpBy = createW }: ProcessPlan,
): Promise<void> {
  const enough = contender.warmUpPrograms ?? WARM_UP_PROGRAMS * contender.share;
  const count = Math.ceil(warmUpPrograms ?? Math.min(enough, programs));
  await warmedUpBy(producer, count);
  await drain(workers, count);
  await Promise.all(workers.map((worker) => worker.ask('stopWorker')));
  await Promise.all(workers.map((worker) => worker.ask('resetCounts')));
}
