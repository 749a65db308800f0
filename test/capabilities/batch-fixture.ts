import type { Batch, BatchInput, BatchStats, ProgramInput } from '../../index.js';
import { job, type Fixture } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';

/** A job that does what its program data says: succeed, or fail with that text. */
export const obedient = job('a', ({ programData }) => {
  if (programData.error !== undefined) throw new Error(programData.error);
  return programData.result ?? null;
});

export const succeeding: ProgramInput = { jobs: ['a'] };
export const failing = (error = 'no'): ProgramInput => ({ jobs: ['a'], programData: { error } });

/** So many of the same. */
export const times = (count: number, program: ProgramInput): ProgramInput[] => Array(count).fill(program);

/** A batch with these programs. */
export async function batchOf(
  { executor }: Fixture,
  programs: readonly ProgramInput[],
  input: Partial<BatchInput> = {},
): Promise<Batch> {
  const batch = await executor.batches.create({ code: 'batch', ...input });
  await executor.batches.addPrograms(batch, programs);
  return batch;
}

/** How a batch of these programs stands when it has ended or stopped, run one program at a time. */
export async function runOneByOne(
  t: Fixture,
  programs: readonly ProgramInput[],
  input: Partial<BatchInput> = {},
): Promise<{ batch: Batch; stats: BatchStats }> {
  const { id } = await batchOf(t, programs, input);
  await t.work(obedient, { concurrency: 1 });
  const batch = await t.executor.batches.waitFor(id, { intervalMs: 20 });
  return { batch, stats: await t.executor.batches.stats(id) };
}

/** Resolves when the batch's statistics are these; all others are 0. */
export async function statsBecome({ executor }: Fixture, batch: Batch, expected: Partial<BatchStats>) {
  const wanted = Object.entries({ ...NOTHING, ...expected });
  await eventually(
    `statistics ${JSON.stringify(expected)}`,
    async () => {
      const stats = await executor.batches.stats(batch);
      return wanted.every(([count, value]) => stats[count as keyof BatchStats] === value);
    },
    20_000,
  );
}

export const NOTHING: BatchStats = {
  total: 0,
  waiting: 0,
  running: 0,
  finished: 0,
  errored: 0,
  cancelled: 0,
  retried: 0,
};
