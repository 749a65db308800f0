/** BullMQ: one job of three steps; each step but the last saves the job's data, the last one completes the job. */
import { Queue, Worker } from 'bullmq';
import { setDurability } from './support/redis.mjs';

const STEPS = 3;
const BULK = 10_000;

export default async function open({ urls, name, options }, hooks) {
  const connection = { url: urls.redis, maxRetriesPerRequest: null };
  const queue = new Queue(name, { connection });
  queue.on('error', (error) => console.error('BullMQ:', error.message));
  let worker;

  async function run(job) {
    hooks.jobStarted(job.data);
    for (let step = 1; step < STEPS; step++) await job.updateData({ ...job.data, step });
  }

  return {
    setUp: () => setDurability(urls.redis, options.appendfsync),
    async create(programData) {
      await queue.add('program', programData);
    },
    async createBulk(programs) {
      for (let index = 0; index < programs.length; index += BULK)
        await queue.addBulk(programs.slice(index, index + BULK).map((data) => ({ name: 'program', data })));
    },
    async startWorker() {
      worker = new Worker(name, run, { connection, concurrency: options.concurrency });
      worker.on('completed', () => hooks.programsFinished(1));
      worker.on('error', (error) => console.error('BullMQ:', error.message));
      await worker.waitUntilReady();
    },
    stopWorker: async () => worker?.close(),
    tearDown: () => queue.obliterate({ force: true, count: BULK }),
    close: () => queue.close(),
  };
}
