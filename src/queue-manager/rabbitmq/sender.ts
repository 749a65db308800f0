import { randomUUID } from 'node:crypto';
import type { ConfirmChannel } from 'amqplib';
import { monotonicMs } from '../../program/monotonic-clock.js';
import type { EarlyQueue } from './early-queue.js';
import { encodeHint, hintProperties, type HintContent } from './message.js';
import { WriteBatch } from './write-batch.js';

/** Called once for each hint, without an error when a queue has it. */
export type OnSettled = (error?: unknown) => void;

export interface SenderOptions {
  channel: ConfirmChannel;
  queueName: string;
  earlyQueue: EarlyQueue;
  /** Called for each hint that no queue took, after it was settled. */
  onUnroutable(error: Error): void;
}

/** What amqplib says when the broker refused a message, in contrast to a channel that died. */
const REFUSED = 'message nacked';
const RESEND_AFTER_MS = 200;
/** Where nobody listened for early hints, so long passes until one is tried again, in milliseconds. */
const NO_LISTENER_MS = 5_000;

/** Publishes on one confirm channel, and knows a hint that no queue took from one that was. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #returned = new Set<string>();
  readonly #batch: WriteBatch;
  #earlyFromMs = -Infinity;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#batch = new WriteBatch(options.channel);
    options.channel.on('return', (message) => this.#returned.add(String(message.properties.messageId)));
  }

  /** Never throws. */
  send(hint: HintContent, onSettled: OnSettled): void {
    const { earlyQueue } = this.#options;
    const isForEarly = hint.note === 'early' && earlyQueue.isOfUse && monotonicMs() >= this.#earlyFromMs;
    if (isForEarly) this.#sendEarly(hint, onSettled);
    else this.#send(hint, onSettled);
  }

  #sendEarly(hint: HintContent, onSettled: OnSettled): void {
    this.#publish(this.#options.earlyQueue.name, hint, (error) => {
      if (!isRefused(error) && !(error instanceof UnroutableError)) return onSettled(error);
      this.#earlyFromMs = monotonicMs() + NO_LISTENER_MS;
      this.#send(hint, onSettled);
    });
  }

  /** A hint that the broker refuses is sent a second time. */
  #send(hint: HintContent, onSettled: OnSettled): void {
    const settle: OnSettled = (error) => {
      onSettled(error);
      if (error instanceof UnroutableError) this.#options.onUnroutable(error);
    };
    this.#publish(this.#options.queueName, hint, (error) => {
      if (!isRefused(error)) return settle(error);
      // RabbitMQ refuses while a quorum queue that was just declared elsewhere is still starting.
      setTimeout(() => this.#publish(this.#options.queueName, hint, settle), RESEND_AFTER_MS).unref();
    });
  }

  #publish(queueName: string, hint: HintContent, onSettled: OnSettled): void {
    const messageId = randomUUID();
    const properties = hintProperties(messageId, Date.now());
    try {
      this.#batch.hold();
      this.#options.channel.sendToQueue(queueName, encodeHint(hint), properties, (error: unknown) => {
        // The broker returns an unroutable message before it confirms it like any other.
        if (this.#returned.delete(messageId)) onSettled(new UnroutableError());
        else onSettled(error ?? undefined);
      });
    } catch (error) {
      // The channel is dead; amqplib calls nothing back then.
      onSettled(error);
    }
  }
}

class UnroutableError extends Error {
  override readonly name = 'UnroutableError';

  constructor() {
    super('There was no queue to take the hint');
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && error.message === REFUSED;
}
