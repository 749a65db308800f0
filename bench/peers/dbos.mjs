/** DBOS: a workflow of three steps, from a queue, or started directly in the process that runs it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { dropSchema } from './support/postgres.mjs';

const QUEUE = 'programs';
/** Far shorter than its default of a second: that is about latency, and would be all that is seen. */
const POLL_MS = 5;
const CALLERS = 100;

export default async function open(settings, hooks) {
  const { urls, name } = settings;
  const step = () => Promise.resolve();

  const workflow = DBOS.registerWorkflow(
    async (programData) => {
      hooks.jobStarted(programData);
      for (const stepName of ['first', 'second', 'third']) await DBOS.runStep(step, { name: stepName });
      hooks.programsFinished(1);
    },
    { name: 'program' },
  );
  DBOS.setConfig({
    name: 'benchmark',
    systemDatabaseUrl: urls.postgres,
    systemDatabaseSchemaName: name,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
    runAdminServer: false,
  });
  const creator = settings.options.queue ? throughQueue(settings) : directly(settings, workflow);
  let isLaunched = false;

  return {
    ...creator,
    async setUp() {
      await DBOS.launch();
      if (settings.options.queue)
        await DBOS.registerQueue(QUEUE, {
          workerConcurrency: settings.options.concurrency,
          minPollingIntervalMs: POLL_MS,
        });
      await DBOS.shutdown();
    },
    async startWorker() {
      await DBOS.launch();
      isLaunched = true;
      void creator.runWaiting();
    },
    async stopWorker() {
      if (isLaunched) await DBOS.shutdown();
      isLaunched = false;
    },
    tearDown: () => dropSchema(urls.postgres, name),
  };
}

function throughQueue({ urls, name }) {
  let opening;
  const client = () =>
    (opening ??= DBOSClient.create({ systemDatabaseUrl: urls.postgres, systemDatabaseSchemaName: name }));
  const create = async (programData) => {
    await (await client()).enqueue({ workflowName: 'program', queueName: QUEUE }, programData);
  };
  return {
    create,
    createBulk: (programs) => runAll(programs, create, CALLERS),
    runWaiting: () => undefined,
    close: async () => {
      if (opening) await (await opening).destroy();
    },
  };
}

/** There is no waiting here: the worker makes what it runs, which is told to it by a file. */
function directly({ folder, name, options }, workflow) {
  const file = join(folder, `${name}.json`);
  return {
    create: async (programData) => {
      await DBOS.startWorkflow(workflow)(programData);
    },
    createBulk: (programs) => Promise.resolve(writeFileSync(file, JSON.stringify(programs))),
    runWaiting: () =>
      runAll(
        JSON.parse(readFileSync(file, 'utf8')),
        async (programData) => (await DBOS.startWorkflow(workflow)(programData)).getResult(),
        options.concurrency,
      ),
    close: () => Promise.resolve(),
  };
}

async function runAll(programs, run, atOnce) {
  let next = 0;
  const call = async () => {
    while (next < programs.length) await run(programs[next++]);
  };
  await Promise.all(Array.from({ length: atOnce }, call));
}
