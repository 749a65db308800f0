export { Drain, type DrainParts } from './drain.js';
export {
  ProgramWorker,
  type StopOptions,
  type Worker,
  type WorkerEnvironment,
  type WorkerParts,
} from './worker.js';
export { isWorkerId } from './worker-id.js';
