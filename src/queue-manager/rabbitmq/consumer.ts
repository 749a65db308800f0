import type { Channel, ConsumeMessage } from 'amqplib';
import { messageOf } from '../../errors/index.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Hint, SubscribeOptions } from '../queue-manager.js';
import { DeliveredHint } from './hint.js';
import type { LiveChannel } from './live-channel.js';
import { decodeHint } from './message.js';
import { Settlements } from './settlements.js';

export interface ConsumerOptions extends SubscribeOptions {
  queueName: string;
  logger: Logger;
}

/** What junk is removed as. */
const NO_PROGRAM = { runId: '', note: undefined };

/** After so long without a delivery, in milliseconds, another consumer takes over. */
const SILENCE_MS = 10_000;

/** Consumes the queue on one channel, until that dies or the consumer is cancelled. */
export class Consumer {
  readonly #live: LiveChannel;
  readonly #channel: Channel;
  readonly #options: ConsumerOptions;
  readonly #settlements: Settlements;
  #consumerTag = '';
  #unsettled = 0;
  #cancelled = false;
  #silence: NodeJS.Timeout | undefined;

  constructor(live: LiveChannel, options: ConsumerOptions) {
    this.#live = live;
    this.#channel = live.channel;
    this.#options = options;
    this.#settlements = new Settlements(live.channel, (count) => {
      this.#unsettled -= count;
      this.#closeWhenSettled();
    });
  }

  async start(): Promise<void> {
    const { queueName, prefetch } = this.#options;
    await this.#channel.prefetch(prefetch);
    const consuming = await this.#channel.consume(queueName, (message) => {
      if (message === null) this.#onCancelledByBroker();
      else this.#onDelivery(message);
    });
    this.#consumerTag = consuming.consumerTag;
    this.#silence = setTimeout(() => this.#onSilence(), SILENCE_MS).unref();
    void this.#live.ended.then(() => clearTimeout(this.#silence));
  }

  /** No further hints; the channel is closed when those already delivered are settled. */
  async cancel(): Promise<void> {
    this.#cancelled = true;
    if (!this.#live.alive) return;
    await this.#channel.cancel(this.#consumerTag);
    this.#closeWhenSettled();
  }

  /** The broker does this when the queue is deleted or moves to another node. */
  #onCancelledByBroker(): void {
    this.#options.logger.warn('consumer-cancelled', { queue_name: this.#options.queueName });
    this.#live.end(new Error('The broker cancelled the consumer'));
  }

  /**
   * Before version 4, RabbitMQ moves the consumers of a quorum queue that is deleted and created again over to
   * the new one, tells nobody, and delivers nothing to them. On another channel it does.
   */
  #onSilence(): void {
    if (this.#unsettled === 0) void this.#live.close();
    else this.#silence?.refresh();
  }

  #onDelivery(message: ConsumeMessage): void {
    this.#silence?.refresh();
    this.#unsettled += 1;
    const decoded = decodeHint(message.content);
    const content = 'junk' in decoded ? NO_PROGRAM : decoded;
    const hint = new DeliveredHint(content, message.fields.deliveryTag, this.#settlements);
    if ('junk' in decoded) this.#removeJunk(hint, decoded.junk);
    else if (this.#cancelled) hint.requeue();
    else this.#pass(hint);
  }

  /** Acknowledged, not rejected: an older queue would send rejected messages round in circles. */
  #removeJunk(hint: Hint, reason: string): void {
    this.#options.logger.warn('message-removed', { queue_name: this.#options.queueName, reason });
    hint.ack();
  }

  /** What a subscriber throws would close the channel if it went on from here. */
  #pass(hint: Hint): void {
    const { onHint, logger, queueName } = this.#options;
    try {
      onHint(hint);
    } catch (error) {
      logger.error('hint-error', { queue_name: queueName, error_message: messageOf(error) });
      hint.requeue();
    }
  }

  #closeWhenSettled(): void {
    if (this.#cancelled && this.#unsettled === 0) void this.#live.close();
  }
}
