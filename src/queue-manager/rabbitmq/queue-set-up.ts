import { messageOf, readProperty } from '../../errors/index.js';
import type { Logger } from '../../telemetry/logger.js';
import type { BrokerConnection } from './connection.js';
import { NOT_FOUND, onThrowAwayChannel } from './throw-away-channel.js';

export interface QueueSetUpOptions {
  queueName: string;
  /** Type of the queue where it is declared; default quorum. */
  queueType?: 'quorum' | 'classic' | undefined;
  /** False: the queue is there already, or nothing works until it is. Default true. */
  declare?: boolean | undefined;
  logger: Logger;
}

/** Makes sure that the queue exists: what is there is used as it is, what is not is declared. */
export class QueueSetUp {
  readonly #options: QueueSetUpOptions;
  readonly #queueType: string;
  #warned = false;

  constructor(options: QueueSetUpOptions) {
    this.#options = options;
    this.#queueType = options.queueType ?? 'quorum';
  }

  /** Rejects when there is no queue in the end. */
  async run(connection: BrokerConnection): Promise<void> {
    const exists = await this.#exists(connection);
    if (this.#options.declare === false) requireDeclared(exists);
    else if (exists) await this.#compare(connection);
    else await this.#declare(connection);
  }

  async #exists(connection: BrokerConnection): Promise<boolean> {
    try {
      await onThrowAwayChannel(connection, (channel) => channel.checkQueue(this.#options.queueName));
      return true;
    } catch (error) {
      if (readProperty(error, 'code') === NOT_FOUND) return false;
      throw error;
    }
  }

  /** Declaring what is there succeeds only if it is as we would have it, and changes nothing otherwise. */
  async #compare(connection: BrokerConnection): Promise<void> {
    try {
      await this.#assert(connection);
    } catch (error) {
      if (!connection.alive) throw error;
      if (!this.#warned) this.#log('warn', 'queue-taken-over', { error_message: messageOf(error) });
      this.#warned = true;
    }
  }

  async #declare(connection: BrokerConnection): Promise<void> {
    try {
      await this.#assert(connection);
    } catch (error) {
      const what = `The broker refused to declare a ${this.#queueType} queue: ${messageOf(error)}`;
      throw new Error(what, { cause: error });
    }
    this.#log('info', 'queue-declared', { queue_type: this.#queueType });
  }

  #assert(connection: BrokerConnection): Promise<unknown> {
    const settings = { durable: true, arguments: { 'x-queue-type': this.#queueType } };
    return onThrowAwayChannel(connection, (channel) =>
      channel.assertQueue(this.#options.queueName, settings),
    );
  }

  #log(level: 'info' | 'warn', action: string, details: object): void {
    this.#options.logger[level](action, { queue_name: this.#options.queueName, ...details });
  }
}

function requireDeclared(exists: boolean): void {
  if (!exists)
    throw new Error('The queue does not exist and must not be declared from here: declare it first');
}
