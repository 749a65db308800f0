import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { entriesOf, readJournal } from './journal.js';
import type { ProgramView } from '../program/program.js';
import type { Boundary } from './boundary.js';
import type { CrashOrder } from './crash-order.js';
import { CrashProcess, type ProcessEnd } from './crash-process.js';
import type { CheckedCrashTest } from './crash-test-options.js';
import { effectsIn, type RecordedEffect } from './effects.js';

/** What became of one run, whether or not it came to an end. */
export interface RunRecord {
  /** As far as it came there. */
  readonly crashedAt: Boundary | undefined;
  readonly boundaries: readonly Boundary[];
  readonly effects: readonly RecordedEffect[];
  readonly databasePath: string;
  /** undefined: see `failure`. */
  readonly program: ProgramView | undefined;
  /** Why the program could not be run to its end. */
  readonly failure: string | undefined;
}

type Settings = Pick<CheckedCrashTest, 'jobLibrary' | 'program' | 'prepare' | 'workerOptions' | 'timeoutMs'>;

/**
 * Runs the program once from its creation to its end, on a database of its own.
 * @param crashAt the number of the boundary at which its first process dies; undefined: it does not
 */
export async function runOnce(
  settings: Settings,
  folder: string,
  crashAt: number | undefined,
): Promise<RunRecord> {
  const order = orderOf(settings, folder, crashAt);
  const { journal, runId, databasePath } = order;
  await settings.prepare({ databasePath });
  const end = await (crashAt === undefined ? new CrashProcess().run(order) : runWithCrash(order));
  const entries = readJournal(journal);
  const boundaries = entriesOf(entries, 'boundary').map(({ boundary }) => boundary);
  return {
    crashedAt: boundaries.find(({ number }) => number === crashAt),
    boundaries,
    effects: effectsIn(entries, runId),
    databasePath,
    program: end.kind === 'ended' ? end.program : undefined,
    failure: end.kind === 'ended' ? undefined : failureOf(end, entriesOf(entries, 'job').at(-1)?.job),
  };
}

function orderOf(settings: Settings, folder: string, crashAt: number | undefined): CrashOrder {
  const { jobLibrary, program, timeoutMs } = settings;
  const runId = randomUUID();
  return {
    jobLibrary,
    program,
    runId,
    databasePath: join(folder, `${runId}.sqlite`),
    journal: join(folder, `${runId}.journal`),
    crashAt,
    workerOptions: { unknownJob: 'fail', ...settings.workerOptions },
    timeoutMs,
  };
}

/** Both processes boot at the same time; the second waits for the death of the first. */
async function runWithCrash(order: CrashOrder): Promise<ProcessEnd> {
  const [first, second] = [new CrashProcess(), new CrashProcess()];
  try {
    const end = await first.run(order);
    if (!isPlannedDeath(end, order)) return end;
    return await second.run({ ...order, crashAt: undefined });
  } finally {
    second.kill();
  }
}

/** A process may be killed for its use of memory, too. */
function isPlannedDeath(end: ProcessEnd, { journal, crashAt }: CrashOrder): boolean {
  const reached = entriesOf(readJournal(journal), 'boundary').at(-1)?.boundary.number;
  return end.kind === 'died' && end.isKilled && reached === crashAt;
}

function failureOf(end: Exclude<ProcessEnd, { kind: 'ended' }>, job: string | undefined): string {
  if (end.kind === 'failed') return end.message;
  return `its process ${end.how}${job === undefined ? '' : ` (the last job to start was ${job})`}`;
}
