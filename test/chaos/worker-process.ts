/** A worker process of a chaos run: runs programs until SIGTERM, or until it is made to die. */
import { once } from 'node:events';
import knexPackage, { type Knex } from 'knex';
import { ProgramExecutor, type ExecutorConfig } from '../../index.js';
import { checkConfig, openDatabase } from '../../src/config/index.js';
import { decorated } from '../../src/decorators.js';
import { executorConfig, reportingLogger } from '../faults/harness/child-config.js';
import { dieAt, pointed } from '../faults/harness/crash-points.js';
import { fenceOff } from '../faults/harness/fence-off.js';
import { QUIET } from '../support/quiet-knex.js';
import { chaosJobs } from './jobs.js';
import { ORDERS_VARIABLE, type Command, type Orders, type Report } from './orders.js';
import { exhaustPool } from './exhaust-pool.js';

const GRACE_MS = 500;

function report(message: Report): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

/** The same, on a pool of ours, as in an application. */
function onPool({ config }: Orders): ExecutorConfig & { knex: Knex } {
  const { databasePath: _, ...others } = executorConfig(config);
  const { knex } = openDatabase(
    checkConfig(executorConfig(config)),
    reportingLogger(() => Promise.resolve()),
  );
  return { ...others, knex };
}

function withoutFence(config: ExecutorConfig, table: string, connection: string): ExecutorConfig {
  const looking = knexPackage({ ...QUIET, client: 'pg', connection });
  return decorated(config, { dialect: (dialect) => fenceOff(dialect, looking, table) });
}

function obey(command: Command, knex: Knex): Promise<unknown> {
  return command.do === 'destroyPool' ? knex.destroy() : exhaustPool(knex, command.forMs);
}

const orders = JSON.parse(process.env[ORDERS_VARIABLE] ?? '') as Orders;
const { clockShiftMs = 0, maxBlockedMs, lacks = '', unfencedDatabase } = orders;
const now = Date.now.bind(Date);
Date.now = () => now() + clockShiftMs;
process.on('uncaughtExceptionMonitor', (error) => {
  void report({ event: 'crashed', message: String(error) });
});
// Without its parent it has nobody to work for.
process.once('disconnect', () => process.exit());
const terminated = once(process, 'SIGTERM');
const at = orders.dieAt ? dieAt(orders.dieAt) : () => undefined;
const onOwnPool = onPool(orders);
process.on('message', (command) => void obey(command as Command, onOwnPool.knex));
const config =
  unfencedDatabase === undefined
    ? onOwnPool
    : withoutFence(onOwnPool, orders.config.tableName ?? '', unfencedDatabase);
const executor = ProgramExecutor.create(pointed(config, at));
executor.on('brokerConnected', () => void report({ event: 'connected' }));
executor.on('leaseLost', ({ reason }) => void (reason === 'lost' && report({ event: 'refused' })));
const { [lacks]: _, ...jobs } = chaosJobs({
  report: (start) => report({ event: 'started', ...start }),
  effectsTable: orders.effectsTable,
  at,
});
const { leaseMs } = orders;
const options = { concurrency: 20, leaseMs, ...(maxBlockedMs !== undefined && { maxBlockedMs }) };
const worker = await executor.processPrograms(jobs, options);
await report({ event: 'ready' });
await terminated;
await report({ event: 'leaving', stage: 'stopping' });
await worker.stop({ timeoutMs: GRACE_MS });
await report({ event: 'leaving', stage: 'stopped' });
await executor.close();
await report({ event: 'leaving', stage: 'closed' });
process.exit();
