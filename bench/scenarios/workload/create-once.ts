import type { Contender } from '../../contenders/contender.js';
import type { BenchContext } from '../../harness/bench-context.js';
import type { DriverProcess } from '../../harness/driver-process.js';
import type { Measurement } from '../../harness/measurement.js';
import { withSession } from '../../harness/session.js';
import type { Elapsed } from '../../drivers/commands.js';

export type Creation = { way: 'create'; callers: number } | { way: 'createBulk' };

export interface CreatePlan {
  creation: Creation;
  programs: number;
  /** Before them, and not measured. */
  warmUpPrograms: number;
}

/** From the first call to the last answer, in a producer that has been warmed up. No worker runs. */
export function createOnce(
  context: BenchContext,
  contender: Contender,
  { creation, programs, warmUpPrograms }: CreatePlan,
): Promise<Measurement> {
  return withSession(context, contender, async (session) => {
    const producer = await session.start('producer');
    await producer.ask('setUp');
    await ask(producer, creation, warmUpPrograms);
    let elapsedMs = 0;
    const cpuMs = await session.cpuMsOf(async () => {
      ({ elapsedMs } = await ask(producer, creation, programs));
    });
    return { value: (programs * 1_000) / elapsedMs, cpuMs, programs };
  });
}

function ask(producer: DriverProcess, creation: Creation, count: number): Promise<Elapsed> {
  return creation.way === 'create'
    ? producer.ask('create', { count, callers: creation.callers })
    : producer.ask('createBulk', { count });
}
