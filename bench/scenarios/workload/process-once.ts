import { setTimeout as delay } from 'node:timers/promises';
import type { Contender } from '../../contenders/contender.js';
import type { BenchContext } from '../../harness/bench-context.js';
import { drained, type Drained } from '../../harness/drain.js';
import type { DriverProcess } from '../../harness/driver-process.js';
import type { Measurement } from '../../harness/measurement.js';
import { withSession, type Session } from '../../harness/session.js';

export interface ProcessPlan {
  programs: number;
  workers: number;
  /** Makes ready what the scenario is about, after the tables exist and before W is created. */
  prepare?: (session: Session) => Promise<void>;
}

/** Longer ones would show the same: after a tenth of a run, the code is compiled and connections are open. */
const MOST_WARM_UP_PROGRAMS = 5_000;
/** What a producer leaves to do in the background, such as hints and their confirms, is over by then. */
const SETTLE_MS = 500;

/**
 * Workload W: waiting programs, then workers that finish them. From the first line of the first job to the
 * durable end of the last program, in worker processes that have been warmed up by a tenth of the work.
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
    await warmUp(producer, workers, Math.min(plan.programs / 10, MOST_WARM_UP_PROGRAMS));
    await plan.prepare?.(session);
    await producer.ask('createBulk', { count: plan.programs });
    await session.end(producer);
    await delay(SETTLE_MS);
    return measureDrain(session, workers, plan.programs);
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
  const { firstJobAtMs = 0, lastFinishedAtMs = 0 } = result.drained ?? {};
  return { value: (programs * 1_000) / (lastFinishedAtMs - firstJobAtMs), cpuMs, programs };
}

function startProcesses(session: Session, count: number): Promise<DriverProcess[]> {
  const roles = Array.from({ length: count }, (_, index) => (count === 1 ? 'worker' : `worker ${index + 1}`));
  return Promise.all(roles.map((role) => session.start(role)));
}

async function warmUp(
  producer: DriverProcess,
  workers: readonly DriverProcess[],
  programs: number,
): Promise<void> {
  const count = Math.max(1, Math.floor(programs));
  await producer.ask('createBulk', { count });
  await drain(workers, count);
  await Promise.all(workers.map((worker) => worker.ask('stopWorker')));
  await Promise.all(workers.map((worker) => worker.ask('resetCounts')));
}

async function drain(workers: readonly DriverProcess[], programs: number): Promise<Drained> {
  const done = drained(workers, programs);
  await Promise.all(workers.map((worker) => worker.ask('startWorker')));
  return done;
}
