export type { AmqpSource } from './amqp-source.js';
export { inspectQueue, type QueueInspection, type QueueState } from './inspect-queue.js';
export { createRabbitQueueManager, type RabbitQueueManagerOptions } from './rabbit-queue-manager.js';
