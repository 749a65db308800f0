export { EARLY_HINT_MS, EARLY_PAUSES_MS } from './early-hints.js';
export { createLocalQueueManager } from './none/index.js';
export type * from './queue-manager.js';
export {
  createRabbitQueueManager,
  inspectQueue,
  type AmqpSource,
  type QueueInspection,
  type QueueState,
  type RabbitQueueManagerOptions,
} from './rabbitmq/index.js';
