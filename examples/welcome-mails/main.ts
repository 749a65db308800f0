/**
 * Welcome mails by tenant: at most 5 at once of each, and none waits because another has more. The largest tenant
 * has 500 mails, or as many as the first argument says. Run it with `npm run example:welcome-mails`.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, ProgramExecutor } from '../../index.js';
import { Outbox } from './outbox.js';

const BATCH = 'welcome-mails';
const newcomers = { galaxy: Number(process.argv[2] ?? 500), bakery: 20, florist: 20, school: 20 };

const outbox = new Outbox();
const sendWelcome = defineJob<'send_welcome', undefined, { tenant: string; to: string }>({
  name: 'send_welcome',
  async execute(_message, jobData) {
    const { tenant } = await jobData.get();
    await outbox.send(tenant);
  },
});
const jobs = { send_welcome: sendWelcome };

const databasePath = join(await mkdtemp(join(tmpdir(), 'program-executor-mails-')), 'mails.sqlite');
const executor = ProgramExecutor.create<typeof jobs>({ databasePath });

// 1. Over all workers: 12 mails at once, 5 of each tenant.
await executor.pools.set('mail', { maxParallelism: 12, perKey: { maxParallelism: 5 } });

// 2. The large tenant comes first, with all of its mails.
await executor.batches.create({ code: BATCH });
for (const [tenant, mails] of Object.entries(newcomers))
  await executor.batches.addPrograms(BATCH, mailsOf(tenant, mails), { more: true });
await executor.batches.seal(BATCH);

// 3. Two workers with room for 20 programs each: neither knows of the limits or of the other.
await executor.processPrograms(jobs, { concurrency: 20 });
await executor.processPrograms(jobs, { concurrency: 20 });
const { status } = await executor.batches.waitFor(BATCH, {
  intervalMs: 500,
  onProgress: ({ finished, total }) => {
    console.log(`${finished} of ${total} mails sent`);
  },
});
console.log(status);
await executor.close();
outbox.print();

function* mailsOf(tenant: string, mails: number) {
  for (let number = 1; number <= mails; number += 1)
    yield {
      jobs: ['send_welcome'] as const,
      jobData: { send_welcome: { tenant, to: `newcomer-${number}@${tenant}.example` } },
      pool: 'mail',
      concurrencyKey: tenant,
    };
}
