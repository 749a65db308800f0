export { Drain, type DrainParts } from './drain.js';
export { startLeases, type Leases } from './leases/index.js';
export {
  ProgramWorker,
  type StopOptions,
  type Worker,
  type WorkerEnvironment,
  type WorkerParts,
} from './worker.js';
export { isWorkerId } from './worker-id.js';
