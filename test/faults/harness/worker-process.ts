/** A worker process for fault tests: loads, waits for `go`, runs programs until SIGTERM. */
import { once } from 'node:events';
import { ProgramExecutor } from '../../../index.js';
import { executorConfig, reportingLogger } from './child-config.js';
import { dieAt, pointed } from './crash-points.js';
import { FORWARDED, SPEC_VARIABLE, type Order, type Report, type WorkerSpec } from './protocol.js';
import { workerJobs } from './worker-jobs.js';

const spec = JSON.parse(process.env[SPEC_VARIABLE] ?? '') as WorkerSpec;

// Without its parent it has nobody to work for.
process.once('disconnect', () => process.exit());

function report(message: Report): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

function ordered(order: Order): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message) => {
      if (message === order) resolve();
    });
  });
}

const gate = spec.isGateOpen ? Promise.resolve() : ordered('openGate');
const go = ordered('go');
const terminated = once(process, 'SIGTERM');
const at = spec.dieAt ? dieAt(spec.dieAt) : () => undefined;
const executor = ProgramExecutor.create(
  pointed({ ...executorConfig(spec.config), logger: reportingLogger(report) }, at),
);
for (const event of FORWARDED)
  executor.on(event, (details?: object) => {
    const { runId, job, step, attempt, reason } = { ...details } as Report;
    void report({ event, runId, job, step, attempt, reason } as Report);
  });

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
await report({ event: 'loaded', clock: { nowMs: Date.now(), timeZone } });
await go;
const worker = await executor.processPrograms(workerJobs(spec, { report, gate, at }), spec.options);
await report({ event: 'ready' });
await terminated;
const stopped = worker.stop({ timeoutMs: spec.graceMs });
await report({ event: 'stopping' });
await stopped;
await executor.close();
process.exit();
