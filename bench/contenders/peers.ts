import { join } from 'node:path';
import type { ServerName } from '../../test/support/servers/description.js';
import { ROOT_FOLDER } from '../harness/root-folder.js';
import type { Contender } from './contender.js';

export const PEERS_FOLDER = join(ROOT_FOLDER, 'bench', 'peers');

/** Some peers need a newer Node.js than the product does: so that all run on one, it is the one they are installed with. */
export const PEERS_NODE = join(PEERS_FOLDER, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');

export const PEER_NAMES = [
  'pg-boss',
  'bullmq',
  'bullmq-always',
  'dbos',
  'dbos-direct',
  'graphile-worker',
] as const;
export type PeerName = (typeof PEER_NAMES)[number];

type Setting = Omit<Contender, 'system' | 'modulePath'> & { module: string };

const POSTGRES: readonly ServerName[] = ['postgres'];
const REDIS: readonly ServerName[] = ['redis'];

/** Each at the best of the settings tried on the machine of docs/explanation/performance.md. */
const SETTINGS: Record<PeerName, Setting> = {
  'pg-boss': {
    label: 'pg-boss, a job a step, batches of 1,000',
    module: 'pg-boss.mjs',
    servers: POSTGRES,
    options: { batchSize: 1_000 },
    share: 0.6,
    // It is warm by then, and slower with each program that it has finished.
    warmUpPrograms: 3_000,
    createShare: 0.2,
  },
  bullmq: {
    label: 'BullMQ, Redis AOF each second',
    module: 'bullmq.mjs',
    servers: REDIS,
    options: { appendfsync: 'everysec', concurrency: 200 },
    share: 0.8,
    createShare: 1,
  },
  'bullmq-always': {
    label: 'BullMQ, Redis AOF always',
    module: 'bullmq.mjs',
    servers: REDIS,
    options: { appendfsync: 'always', concurrency: 500 },
    share: 0.6,
    createShare: 0.5,
  },
  dbos: {
    label: 'DBOS, 3 steps, queue',
    module: 'dbos.mjs',
    servers: POSTGRES,
    options: { queue: true, concurrency: 100 },
    share: 0.05,
    createShare: 0.3,
  },
  'dbos-direct': {
    label: 'DBOS, 3 steps, direct',
    module: 'dbos.mjs',
    servers: POSTGRES,
    options: { queue: false, concurrency: 100 },
    share: 0.05,
    createShare: 0.3,
  },
  'graphile-worker': {
    label: 'graphile-worker, a job a step',
    module: 'graphile-worker.mjs',
    servers: POSTGRES,
    options: { concurrency: 50, batched: true },
    share: 0.05,
    createShare: 0.2,
  },
};

export function peer(name: PeerName): Contender {
  const { module, ...setting } = SETTINGS[name];
  return { ...setting, system: name, modulePath: join(PEERS_FOLDER, module) };
}
