export { createLocalQueueManager } from './none/index.js';
export type * from './queue-manager.js';
export {
  createRabbitQueueManager,
  type AmqpSource,
  type RabbitQueueManagerOptions,
} from './rabbitmq/index.js';
