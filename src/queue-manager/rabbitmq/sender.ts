import { randomUUID } from 'node:crypto';
import type { ConfirmChannel } from 'amqplib';
import { encodeHint, hintProperties, type HintContent } from './message.js';
import { WriteBatch } from './write-batch.js';

/** Called once for each hint, without an error when a queue has it. */
export type OnSettled = (error?: unknown) => void;

/** What amqplib says when the broker refused a message, in contrast to a channel that died. */
const REFUSED = 'message nacked';
const RESEND_AFTER_MS = 200;

/** Publishes on one confirm channel, and knows a hint that no queue took from one that was. */
export class Sender {
  readonly #channel: ConfirmChannel;
  readonly #queueName: string;
  readonly #onUnroutable: (error: Error) => void;
  readonly #returned = new Set<string>();
  readonly #batch: WriteBatch;

  /** @param onUnroutable called for each hint that no queue took, after it was settled */
  constructor(channel: ConfirmChannel, queueName: string, onUnroutable: (error: Error) => void) {
    this.#channel = channel;
    this.#queueName = queueName;
    this.#onUnroutable = onUnroutable;
    this.#batch = new WriteBatch(channel);
    channel.on('return', (message) => this.#returned.add(String(message.properties.messageId)));
  }

  /** Never throws. A hint that the broker refuses is sent a second time. */
  send(hint: HintContent, onSettled: OnSettled): void {
    this.#publish(hint, (error) => {
      if (!(error instanceof Error && error.message === REFUSED)) return onSettled(error);
      // RabbitMQ refuses while a quorum queue that was just declared elsewhere is still starting.
      setTimeout(() => this.#publish(hint, onSettled), RESEND_AFTER_MS).unref();
    });
  }

  #publish(hint: HintContent, onSettled: OnSettled): void {
    const messageId = randomUUID();
    const properties = hintProperties(messageId, Date.now());
    try {
      this.#batch.hold();
      this.#channel.sendToQueue(this.#queueName, encodeHint(hint), properties, (error: unknown) => {
        if (this.#returned.delete(messageId)) this.#reject(onSettled);
        else onSettled(error ?? undefined);
      });
    } catch (error) {
      // The channel is dead; amqplib calls nothing back then.
      onSettled(error);
    }
  }

  /** The broker returns an unroutable message before it confirms it like any other. */
  #reject(onSettled: OnSettled): void {
    const error = new Error('There was no queue to take the hint');
    onSettled(error);
    this.#onUnroutable(error);
  }
}
