import { randomUUID } from 'node:crypto';
import type { ConfirmChannel } from 'amqplib';
import { monotonicMs } from '../../program/monotonic-clock.js';
import { within } from '../../within.js';
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
/** Where no queue took an early hint, so long passes until one is tried again, in milliseconds. */
const NO_EARLY_MS = 5_000;
/** A queue that says nothing for so long may be on a node that is gone; in milliseconds. */
const EARLY_ANSWER_MS = 500;

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
    if (isForEarly) void this.#sendEarly(hint, onSettled);
    else this.#send(hint, onSettled);
  }

  /** Through the queue like others, where the early one is missing, refuses it, or does not answer. */
  async #sendEarly(hint: HintContent, onSettled: OnSettled): Promise<void> {
    const answered = new Promise<{ error: unknown }>((resolve) => {
      this.#publish(this.#options.earlyQueue.name, hint, (error) => {
        resolve({ error });
      });
    });
    const answer = await within(EARLY_ANSWER_MS, answered);
    if (answer && !isUntaken(answer.error)) {
      onSettled(answer.error);
      return;
    }
    this.#earlyFromMs = monotonicMs() + NO_EARLY_MS;
    this.#send(hint, onSettled);
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

/** Nobody has it, while the channel lives. */
function isUntaken(error: unknown): boolean {
  return isRefused(error) || error instanceof UnroutableError;
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && error.message === REFUSED;
}
