/** The process that a crash test kills: runs one program until its end, or until a boundary. */
import { decorated } from '../decorators.js';
import { messageOf } from '../errors/index.js';
import { loadJobs } from '../jobs/index.js';
import { ProgramExecutor } from '../program-executor.js';
import type { Dialect } from '../program-handler/index.js';
import type { ProgramView } from '../program/program.js';
import { Boundaries } from './boundaries.js';
import type { CrashOrder, CrashReply } from './crash-order.js';
import { drain } from './drain.js';
import { entriesOf, JOURNAL_VARIABLE, readJournal } from './journal.js';

// Without its parent it has nobody to work for.
process.once('disconnect', () => process.exit());
process.once('message', (order) => void obey(order as CrashOrder).then(answer));

async function obey(order: CrashOrder): Promise<CrashReply> {
  try {
    process.env[JOURNAL_VARIABLE] = order.journal;
    return { kind: 'ended', program: await runProgram(order) };
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) };
  }
}

function answer(reply: CrashReply): void {
  process.send?.(reply, undefined, undefined, () => process.exit());
}

async function runProgram({ journal, ...order }: CrashOrder): Promise<ProgramView> {
  const { databasePath, runId, workerOptions, timeoutMs } = order;
  const library = await loadJobs(order.jobLibrary);
  const boundaries = new Boundaries(journal, order.crashAt);
  let dialect: Dialect | undefined;
  const executor = ProgramExecutor.create(
    decorated({ databasePath }, { dialect: (undecorated) => boundaries.around((dialect = undecorated)) }),
  );
  executor.on('jobStarted', (start) => boundaries.onJobStarted(start));
  executor.on('jobFinished', () => boundaries.onJobFinished());
  // Once only, whichever process comes first.
  await executor.createProgram(order.program, { runId });
  // Those of the process that was killed: nobody need wait for their lease.
  await dialect?.renew(entriesOf(readJournal(journal), 'claim'), 0);
  boundaries.arm();
  await drain(executor, library, { withScheduled: true, workerOptions, timeoutMs });
  const program = await executor.getProgram(runId);
  await executor.close();
  if (!program) throw new Error('The program was deleted');
  return program;
}
