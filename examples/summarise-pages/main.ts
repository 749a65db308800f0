/**
 * Pages summarised through an API that limits its callers, fails now and then, and breaks down half-way: 2,000, or
 * as many as the first argument says. Run it with `npm run example:summarise-pages`.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProgramExecutor, type BatchStats } from '../../index.js';
import { detectConstraints, printDetectedConfig } from '../../testing.js';
import { openFile } from '../open-file.js';
import { SummariesApi } from './api.js';
import { jobsFor } from './jobs.js';
import { printSummary } from './summary.js';

const pages = Number(process.argv[2] ?? 2_000);
const BATCH = 'summaries-of-the-handbook';

const api = await SummariesApi.start();
const jobs = jobsFor(api.url);
const databasePath = join(await mkdtemp(join(tmpdir(), 'program-executor-summaries-')), 'summaries.sqlite');
const executor = ProgramExecutor.create<typeof jobs>({ databasePath });

// 1. What does the API bear?
await api.works();
const found = await detectConstraints({
  url: api.url,
  method: 'POST',
  maxConcurrencyToTest: 80,
  rateLimitTestDurationMs: 4_000,
  maxRateLimitTestRequests: 2_000,
});
printDetectedConfig(found, api.url);

// 2. No more than that, however many workers there are.
await executor.pools.set('summaries', { maxParallelism: found.concurrency, rateLimit: found.rateLimit });

// 3. One program for each page. Where the API is out of order there is no use in going on.
await executor.batches.create({ code: BATCH, interruption: { maxServerErrors: 10 } });
await executor.batches.addJobs(
  BATCH,
  'summarise',
  Array.from({ length: pages }, (_, index) => ({ page: index + 1 })),
);

// 4. Half-way the API breaks down, and the batch stops by itself.
let finished = 0;
executor.on('programFinished', () => {
  finished += 1;
  if (finished === Math.floor(pages / 2)) void api.isOutOfOrder();
});
await executor.processPrograms(jobs);
console.log(`See it beside: node build/src/cli/main.js watch ${databasePath} --latest`);
const stopped = await executor.batches.waitFor(BATCH, { onProgress });
const [interruption] = await executor.batches.interruptions(BATCH);
console.log(`${stopped.status}: ${interruption?.reason}, ${interruption?.message}`);

// 5. It is well again, somebody resumes the batch, and it goes on to its end.
await api.works();
await executor.batches.resume(BATCH);
const ended = await executor.batches.waitFor(BATCH, { onProgress });
console.log(ended.status);

await executor.close();
await api.stop();

const knex = openFile(databasePath);
const allWell = await printSummary(knex, pages);
await knex.destroy();
process.exitCode = allWell ? 0 : 1;

function onProgress({ finished: done, total, running, waiting, retried }: BatchStats): void {
  console.log(`${done} of ${total} pages, ${running} running, ${waiting} waiting, ${retried} retries`);
}
