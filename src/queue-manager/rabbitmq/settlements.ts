import type { Channel, Message } from 'amqplib';

/**
 * Settles the deliveries of one channel. What is acknowledged within one turn of the event loop goes out
 * together: programs end by the hundred, in one commit, and then a single frame covers most of them.
 */
export class Settlements {
  readonly #channel: Channel;
  readonly #onSettled: (count: number) => void;
  /** Every delivery up to this tag is settled; the channel counts them from 1. */
  #settledUpTo = 0;
  /** Settled beyond that, while an earlier delivery is not. */
  readonly #settledBeyond = new Set<number>();
  readonly #toAck = new Set<number>();

  /** @param onSettled called with how many were settled, after the broker was told */
  constructor(channel: Channel, onSettled: (count: number) => void) {
    this.#channel = channel;
    this.#onSettled = onSettled;
  }

  ack(tag: number): void {
    if (this.#toAck.size === 0) setImmediate(() => this.#ackAll());
    this.#toAck.add(tag);
  }

  requeue(tag: number): void {
    this.#send(() => this.#channel.nack(delivery(tag), false, true));
    this.#settledBeyond.add(tag);
    this.#onSettled(1);
  }

  #ackAll(): void {
    const count = this.#toAck.size;
    const last = this.#lastWithoutGap();
    if (last !== undefined) this.#send(() => this.#channel.ack(delivery(last), true));
    for (const tag of this.#toAck) {
      this.#send(() => this.#channel.ack(delivery(tag), false));
      this.#settledBeyond.add(tag);
    }
    this.#toAck.clear();
    this.#onSettled(count);
  }

  /** Takes out what can be acknowledged at once: the last of it stands for all deliveries before. */
  #lastWithoutGap(): number | undefined {
    let last: number | undefined;
    for (;;) {
      const next = this.#settledUpTo + 1;
      // Only an open delivery may be named: the broker closes the channel over one that was settled before.
      if (this.#toAck.delete(next)) last = next;
      else if (!this.#settledBeyond.delete(next)) return last;
      this.#settledUpTo = next;
    }
  }

  #send(settle: () => void): void {
    try {
      settle();
    } catch {
      // The channel died: the broker has given its deliveries back already.
    }
  }
}

/** All that amqplib looks at. */
function delivery(deliveryTag: number): Message {
  return { fields: { deliveryTag } } as Message;
}
