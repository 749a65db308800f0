/** Starts and stops a worker again and again in one process, and tells what the process holds. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineJob, ProgramExecutor } from '../../../index.js';
import { executorConfig } from './child-config.js';
import { SPEC_VARIABLE, type WorkerSpec } from './protocol.js';

/** What is loaded or made once for the whole process is there after so many rounds. */
const WARM_UP_ROUNDS = 5;
const ROUNDS = 50;

/** What a process holds, beside memory. */
export interface Holdings {
  /** As Node counts them, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  readonly descriptors: number;
  readonly threads: number;
}

const { config } = JSON.parse(process.env[SPEC_VARIABLE] ?? '') as WorkerSpec;

async function round(): Promise<void> {
  const executor = ProgramExecutor.create(executorConfig(config));
  const connected = config.amqpUrl ? once(executor, 'brokerConnected') : undefined;
  const worker = await executor.processPrograms({
    noop: defineJob({ name: 'noop', execute: () => undefined }),
  });
  await connected;
  const finished = once(executor, 'programFinished');
  await executor.createProgram({ jobs: ['noop'] });
  await finished;
  await worker.stop();
  await executor.close();
}

function holdings(): Holdings {
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { resources, descriptors: entriesOf('/proc/self/fd'), threads: entriesOf('/proc/self/task') };
}

/** Reading a folder takes a descriptor itself, each time. */
function entriesOf(folder: string): number {
  return readdirSync(folder).length;
}

process.once('disconnect', () => process.exit());
for (let count = 0; count < WARM_UP_ROUNDS; count += 1) await round();
// What is closed leaves the process a moment later.
await delay(500);
process.send?.(holdings());
for (let count = 0; count < ROUNDS; count += 1) await round();
for (;;) {
  process.send?.(holdings());
  await delay(100);
}
