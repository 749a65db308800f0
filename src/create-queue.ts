import type { CheckedConfig } from './config/index.js';
import {
  createLocalQueueManager,
  createRabbitQueueManager,
  type QueueManager,
} from './queue-manager/index.js';
import type { Emit } from './telemetry/events.js';
import type { Logger } from './telemetry/logger.js';

/** The doorbell that a configuration asks for: within this process, or RabbitMQ. */
export function createQueue(
  config: CheckedConfig,
  { logger, emit }: { logger: Logger; emit: Emit },
): QueueManager {
  const { amqpUrl, queueName, queueType, declare } = config;
  if (amqpUrl === undefined) return createLocalQueueManager();
  return createRabbitQueueManager({
    amqp: amqpUrl,
    queueName,
    queueType,
    declare,
    logger,
    events: {
      onConnected: () => emit('brokerConnected', () => undefined),
      onDisconnected: (error) => emit('brokerDisconnected', () => ({ error })),
      onDispatchFailed: (runIds, error) => emit('dispatchFailed', () => ({ runIds, error })),
    },
  });
}
