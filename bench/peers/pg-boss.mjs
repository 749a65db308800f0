/** pg-boss: a job a step. A finished step inserts the next step's jobs, then completes its own, batch by batch. */
import { setTimeout as delay } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { dropSchema } from './support/postgres.mjs';

const STEPS = ['first', 'second', 'third'];
/** Shorter than any poll or notification: latency is shown at its best too. */
const IDLE_MS = 2;
const BULK = 10_000;

export default async function open({ urls, name, options }, hooks) {
  const boss = new PgBoss({
    connectionString: urls.postgres,
    schema: name,
    supervise: false,
    schedule: false,
    max: 10,
  });
  boss.on('error', (error) => console.error('pg-boss:', error.message));
  let isStarted = false;
  let loops = [];
  let isWorking = false;

  const start = async () => {
    if (!isStarted) await boss.start();
    isStarted = true;
  };

  async function runBatch(step, jobs) {
    if (step === 0) for (const { data } of jobs) hooks.jobStarted(data);
    const next = STEPS[step + 1];
    if (next)
      await boss.insert(
        next,
        jobs.map(({ data }) => ({ data })),
      );
    await boss.complete(
      STEPS[step],
      jobs.map(({ id }) => id),
    );
    if (!next) hooks.programsFinished(jobs.length);
  }

  async function work(step) {
    while (isWorking) {
      const jobs = await boss.fetch(STEPS[step], { batchSize: options.batchSize });
      if (jobs.length > 0) await runBatch(step, jobs);
      else await delay(IDLE_MS);
    }
  }

  return {
    async setUp() {
      await start();
      for (const step of STEPS) await boss.createQueue(step);
    },
    async create(programData) {
      await start();
      await boss.send(STEPS[0], programData);
    },
    async createBulk(programs) {
      await start();
      for (let index = 0; index < programs.length; index += BULK)
        await boss.insert(
          STEPS[0],
          programs.slice(index, index + BULK).map((data) => ({ data })),
        );
    },
    async startWorker() {
      await start();
      isWorking = true;
      loops = STEPS.map((_, step) => work(step));
    },
    async stopWorker() {
      isWorking = false;
      await Promise.all(loops);
      loops = [];
    },
    tearDown: () => dropSchema(urls.postgres, name),
    close: async () => {
      if (isStarted) await boss.stop({ graceful: false });
    },
  };
}
