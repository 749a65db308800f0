import type { ProgramExecutor } from '../../../index.js';
import { elapsed } from '../creating.js';
import type { ProgramData, Specials } from '../driver.js';
import { makeProgramData } from '../program-data.js';

interface Program {
  jobs: string[];
  programData: ProgramData;
}

const LONG_PROGRAM_JOBS = 1_000;
const CHECKPOINT_PROGRAM_JOBS = 100;

/** What only Program Executor is asked for. */
export function createSpecial(
  executor: ProgramExecutor,
  toProgram: (programData: ProgramData) => Program,
): Specials {
  const createMany = (count: number, jobs: string[]) =>
    executor.createPrograms(Array.from({ length: count }, (_, index) => ({ jobs, programData: { index } })));
  return {
    createLong: (count) => createMany(count, Array<string>(LONG_PROGRAM_JOBS).fill('second')),
    createCheckpointing: (count) =>
      createMany(count, Array<string>(CHECKPOINT_PROGRAM_JOBS).fill('checkpoint')),
    createBackingOff: (count) => createMany(count, ['backOff']),
    createStream: (count) => elapsed(() => createFromIterable(executor, toProgram, count)),
  };
}

type CreateFromIterable = (programs: AsyncIterable<Program>) => Promise<{ created: number }>;

async function createFromIterable(
  executor: ProgramExecutor,
  toProgram: (programData: ProgramData) => Program,
  count: number,
): Promise<void> {
  const create = executor.createPrograms.bind(executor) as unknown as CreateFromIterable;
  await create(programs(toProgram, count));
}

async function* programs(
  toProgram: (programData: ProgramData) => Program,
  count: number,
): AsyncGenerator<Program> {
  for (let index = 0; index < count; index++) {
    // A source gives way now and then, as a file or another database would.
    if (index % 1_000 === 0) await Promise.resolve();
    yield toProgram(makeProgramData(index));
  }
}
