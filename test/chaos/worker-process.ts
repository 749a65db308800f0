/** A worker process of a chaos run: runs programs until SIGTERM, or until it is made to die. */
import { once } from 'node:events';
import knexPackage from 'knex';
import { ProgramExecutor, type ExecutorConfig } from '../../index.js';
import { decorated } from '../../src/decorators.js';
import { dieAt, pointed } from '../faults/harness/crash-points.js';
import { fenceOff } from '../faults/harness/fence-off.js';
import { QUIET } from '../support/quiet-knex.js';
import { chaosJobs } from './jobs.js';
import { ORDERS_VARIABLE, type Orders, type Report } from './orders.js';

const GRACE_MS = 500;

function report(message: Report): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

function withoutFence(config: Orders['config'], connection: string): ExecutorConfig {
  const looking = knexPackage({ ...QUIET, client: 'pg', connection });
  return decorated(config, { dialect: (dialect) => fenceOff(dialect, looking, config.tableName) });
}

function configOf({ config, unfencedDatabase, dieAt: point }: Orders): ExecutorConfig {
  if (unfencedDatabase !== undefined) return withoutFence(config, unfencedDatabase);
  return point ? pointed(config, dieAt(point)) : config;
}

const orders = JSON.parse(process.env[ORDERS_VARIABLE] ?? '') as Orders;
const now = Date.now.bind(Date);
Date.now = () => now() + orders.clockShiftMs;
// Without its parent it has nobody to work for.
process.once('disconnect', () => process.exit());
const terminated = once(process, 'SIGTERM');
const executor = ProgramExecutor.create(configOf(orders));
executor.on('leaseLost', ({ reason }) => void (reason === 'lost' && report({ event: 'refused' })));
const jobs = chaosJobs({
  report: (start) => report({ event: 'started', ...start }),
  effectsTable: orders.effectsTable,
});
const worker = await executor.processPrograms(jobs, { concurrency: 20, leaseMs: orders.leaseMs });
await report({ event: 'ready' });
await terminated;
await worker.stop({ timeoutMs: GRACE_MS });
await executor.close();
process.exit();
