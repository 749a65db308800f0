export { ProgramWorker, type StopOptions, type Worker, type WorkerParts } from './worker.js';
export { isWorkerId } from './worker-id.js';
