import type { WorkerView } from '../../program-handler/index.js';
import type { Colours } from './colours.js';
import { duration, oneLine, time } from './format.js';
import { table } from './table.js';

const HEAD = [
  'Host',
  'Process',
  'Status',
  'Running',
  'Slots',
  'Lag',
  'Version',
  'Started',
  'Seen',
  'Batch',
  'Jobs',
];
const BATCH_LENGTH = 30;
const JOBS_LENGTH = 60;

export function renderWorkers(workers: readonly WorkerView[], colours: Colours): string {
  if (workers.length === 0) return 'No workers found.';
  return table(
    HEAD,
    workers.map((worker) => rowOf(worker, colours)),
  );
}

function rowOf(worker: WorkerView, colours: Colours) {
  return [
    oneLine(worker.host),
    worker.pid,
    worker.isAlive ? colours.green('alive') : colours.red('gone'),
    worker.running,
    worker.slots,
    duration(worker.eventLoopLagMs),
    oneLine(worker.version),
    time(worker.startedAt),
    time(worker.seenAt),
    worker.batch === null ? '' : oneLine(worker.batch, BATCH_LENGTH),
    oneLine(worker.jobs.join(', '), JOBS_LENGTH),
  ];
}
