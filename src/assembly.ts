import type { EventEmitter } from 'node:events';
import { checkConfig, openDatabase, type ExecutorConfig } from './config/index.js';
import { createQueue } from './create-queue.js';
import { decoratorsOf } from './decorators.js';
import { messageOf } from './errors/index.js';
import { ProgramControl } from './program-control.js';
import { ProgramCreator } from './program-creator.js';
import { ProgramHandler } from './program-handler/index.js';
import { safeEmit, type ExecutorEvents } from './telemetry/events.js';
import { createLogger } from './telemetry/logger.js';

/** The parts of one executor, wired to each other. */
export type Assembly = ReturnType<typeof assemble>;

/**
 * Makes the parts that a configuration asks for; does no I/O.
 * @param emitter whose listeners are told of what happens
 * @throws ConfigError naming the key that is wrong
 */
export function assemble(emitter: EventEmitter<ExecutorEvents>, given: ExecutorConfig) {
  const config = checkConfig(given);
  const logger = config.logger ?? createLogger('program-executor');
  const emit = safeEmit(emitter, (event, error) =>
    logger.error('listener-failed', { event, error_message: messageOf(error) }),
  );
  const database = openDatabase(config, logger);
  const decorators = decoratorsOf(given);
  const queue = decorators.queue(createQueue(config, { logger, emit }));
  const programs = new ProgramHandler(database.knex, {
    ...config,
    logger,
    decorateDialect: decorators.dialect,
    onCreated: (runIds) => void queue.ring(runIds),
  });
  const creator = new ProgramCreator(programs, queue, emit);
  const control = new ProgramControl(programs, queue, emit);
  return { config, emit, database, programs, queue, creator, control };
}
