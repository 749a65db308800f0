import { setTimeout as delay } from 'node:timers/promises';
import type { ProgramExecutor } from '../../../index.js';
import { elapsed } from '../creating.js';
import type { ProgramData, Specials } from '../driver.js';
import { makeManyProgramData, makeProgramData } from '../program-data.js';
import { BESIDE } from './library.js';

interface Program {
  jobs: string[];
  programData: ProgramData;
}

/** Of programs that are about their length. */
const LONG_JOBS = 1_000;
const CHECKPOINTS = 200;
const CHECK_EVERY_MS = 20;
const BATCH = 'benchmark';
const POOL = 'benchmark';
const KEYS = 10_000;

/** What only Program Executor is asked for. */
export function createSpecial(
  executor: ProgramExecutor,
  toProgram: (programData: ProgramData) => Program,
  another: () => ProgramExecutor,
): Specials {
  const idle: ProgramExecutor[] = [];
  let retried = 0;
  executor.on('jobRetried', () => retried++);
  const createMany = (count: number, jobs: string[]) =>
    executor.createPrograms(Array.from({ length: count }, (_, index) => ({ jobs, programData: { index } })));
  return {
    createLong: (count) => createMany(count, ['first', ...Array<string>(LONG_JOBS - 1).fill('second')]),
    createCheckpointing: (count) => createMany(count, Array<string>(CHECKPOINTS).fill(BESIDE)),
    createBackingOff: (count) => createMany(count, ['backOff']),
    async waitForRetries(count) {
      while (retried < count) await delay(CHECK_EVERY_MS);
    },
    createAlone: (count) => executor.createPrograms(many(toProgram, count)),
    createInBatch: (count) => createInBatch(executor, many(toProgram, count)),
    createInPool: (count) => createInPool(executor, many(toProgram, count)),
    createWithKeys: (count) => createWithKeys(executor, many(toProgram, count)),
    createStream: (count) => elapsed(() => executor.createPrograms(programs(toProgram, count))),
    async startIdleWorkers(count) {
      for (let index = 0; index < count; index++) {
        const executor = another();
        idle.push(executor);
        await executor.processPrograms({});
      }
    },
    closeIdleWorkers: () => Promise.all(idle.map((executor) => executor.close())),
  };
}

async function* programs(
  toProgram: (programData: ProgramData) => Program,
  count: number,
): AsyncGenerator<Program> {
  for (let index = 0; index < count; index++) {
    // A source gives way now and then, as a file or another database would.
    if (index % 1_000 === 0) await delay(0);
    yield toProgram(makeProgramData(index));
  }
}

function many(toProgram: (programData: ProgramData) => Program, count: number): Program[] {
  return makeManyProgramData(count).map(toProgram);
}

async function createInBatch({ batches }: ProgramExecutor, programs: Program[]): Promise<void> {
  const batch = (await batches.getByCode(BATCH)) ?? (await batches.create({ code: BATCH }));
  await batches.addPrograms(batch, programs);
}

async function createInPool(executor: ProgramExecutor, programs: Program[]): Promise<void> {
  await executor.pools.set(POOL, { maxParallelism: 100 });
  await executor.createPrograms(programs.map((program) => ({ ...program, pool: POOL })));
}

async function createWithKeys(executor: ProgramExecutor, programs: Program[]): Promise<void> {
  await executor.pools.set(POOL, { perKey: { maxParallelism: 1 } });
  await executor.createPrograms(
    programs.map((program, index) => ({ ...program, pool: POOL, concurrencyKey: `key-${index % KEYS}` })),
  );
}
