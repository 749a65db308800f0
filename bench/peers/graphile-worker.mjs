/** graphile-worker: a job a step; a step that ends adds the job of the next one. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { dropSchema } from './support/postgres.mjs';

const STEPS = ['first', 'second', 'third'];
const BULK = 5_000;
const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error('graphile-worker:', message);
});

export default async function open({ urls, name, options }, hooks) {
  const { concurrency } = options;
  const database = { connectionString: urls.postgres, schema: name, logger };
  let opening;
  let runner;
  const utils = () => (opening ??= makeWorkerUtils(database));

  const taskList = {
    async first(data, { addJob }) {
      hooks.jobStarted(data);
      await addJob('second', data);
    },
    async second(data, { addJob }) {
      await addJob('third', data);
    },
    async third() {},
  };

  return {
    setUp: async () => (await utils()).migrate(),
    async create(programData) {
      await (await utils()).addJob(STEPS[0], programData);
    },
    async createBulk(programs) {
      const { addJobs } = await utils();
      for (let index = 0; index < programs.length; index += BULK)
        await addJobs(
          programs.slice(index, index + BULK).map((payload) => ({ identifier: STEPS[0], payload })),
        );
    },
    async startWorker() {
      const preset = { worker: { localQueue: { size: 4 * concurrency }, completeJobBatchDelay: 0 } };
      runner = await run({
        ...database,
        concurrency,
        taskList,
        noHandleSignals: true,
        maxPoolSize: concurrency + 2,
        ...(options.batched && { preset }),
      });
      runner.events.on('job:complete', ({ job }) => {
        if (job.task_identifier === STEPS[2]) hooks.programsFinished(1);
      });
    },
    stopWorker: async () => runner?.stop(),
    tearDown: () => dropSchema(urls.postgres, name),
    close: async () => {
      if (opening) await (await opening).release();
    },
  };
}
