/** Starts and stops a worker again and again in one process, and tells what the process holds. */
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
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
  /** By what they stand for, without numbers. */
  readonly descriptors: Readonly<Record<string, number>>;
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
  return {
    resources: counted(process.getActiveResourcesInfo()),
    descriptors: counted(readdirSync(DESCRIPTORS).map(descriptorKind)),
    threads: readdirSync('/proc/self/task').length,
  };
}

const DESCRIPTORS = '/proc/self/fd';

function descriptorKind(number: string): string {
  try {
    return readlinkSync(`${DESCRIPTORS}/${number}`).replace(/\d+/g, '');
  } catch {
    // The one that the reading of the folder took.
    return DESCRIPTORS;
  }
}

function counted(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
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
