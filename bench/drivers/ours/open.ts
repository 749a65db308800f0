/** Program Executor itself, driven through its public API, with the defaults of the product. */
import { ProgramExecutor, type ExecutorConfig, type Worker } from '../../../index.js';
import type { Driver, DriverSettings, Hooks, ProgramData } from '../driver.js';
import { BESIDE, createLibrary } from './library.js';
import { databasePathOf, queueOf, tableOf } from './names.js';
import { removeOurs } from './removal.js';
import { createSpecial } from './special.js';

const JOBS = ['first', 'second', 'third'];

export default function openOurs(settings: DriverSettings, hooks: Hooks): Promise<Driver> {
  const executor = ProgramExecutor.create(configOf(settings));
  executor.on('programFinished', ({ jobs }) => {
    if (jobs[0] !== BESIDE) hooks.programsFinished(1);
  });
  const special = createSpecial(executor, toProgram, () => ProgramExecutor.create(configOf(settings)));
  let worker: Worker | undefined;
  return Promise.resolve({
    setUp: () => executor.migrate().then(() => undefined),
    create: (programData) => executor.createProgram(toProgram(programData)).then(() => undefined),
    createBulk: (programs) => executor.createPrograms(programs.map(toProgram)).then(() => undefined),
    async startWorker() {
      worker = await executor.processPrograms(createLibrary(hooks), workerOptionsOf(settings));
    },
    stopWorker: () => worker?.stop() ?? Promise.resolve(),
    tearDown: () => removeOurs(settings),
    close: () => executor.close(),
    special,
  });
}

function toProgram(programData: ProgramData) {
  return { jobs: JOBS, programData };
}

function configOf(settings: DriverSettings): ExecutorConfig {
  const { urls, options } = settings;
  const names = { tableName: tableOf(settings), queueName: queueOf(settings) };
  if (options['db'] === 'sqlite') return { ...names, databasePath: databasePathOf(settings) };
  const knex = urls[options['db'] === 'mariadb' ? 'mariadb' : 'postgres'] ?? '';
  const broker = options['broker'] === 'rabbitmq' && { amqpUrl: urls['rabbitmq'] ?? '' };
  return { ...names, knex, ...broker };
}

/** The product's default, unless the scenario is about the concurrency. */
function workerOptionsOf({ options: { concurrency } }: DriverSettings): { concurrency?: number } {
  return typeof concurrency === 'number' ? { concurrency } : {};
}
