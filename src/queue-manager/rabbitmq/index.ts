export type { AmqpSource } from './amqp-source.js';
export { createRabbitQueueManager, type RabbitQueueManagerOptions } from './rabbit-queue-manager.js';
