/** A worker process of the demo: runs programs until it is told to stop, or killed. */
import { ProgramExecutor } from '../../index.js';
import { jobs } from './jobs/index.js';

const databasePath = process.argv[2];
if (databasePath === undefined) throw new Error('usage: worker <database file>');

const executor = ProgramExecutor.create<typeof jobs>({ databasePath });
const worker = await executor.processPrograms(jobs, { concurrency: 8 });
// So that the parent can tell whose programs are orphaned, should this process die.
process.send?.(worker.id);

// SIGTERM ends it gently; without its parent, a worker of the demo has nobody to work for.
for (const event of ['SIGTERM', 'disconnect'])
  process.once(event, () => void executor.close().then(() => process.exit()));
