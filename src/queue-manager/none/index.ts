export { createLocalQueueManager } from './local-queue-manager.js';
