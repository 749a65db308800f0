import type { Channel, Message } from 'amqplib';
import type { Hint } from '../queue-manager.js';

/** A delivery as a hint; settling it does nothing once it is settled or its channel is dead. */
export function createHint(channel: Channel, message: Message, runId: string, onSettled: () => void): Hint {
  let settled = false;
  const settleOnce = (settle: () => void): void => {
    if (settled) return;
    settled = true;
    try {
      settle();
    } catch {
      // The channel died: the broker has given the message back already.
    }
    onSettled();
  };
  return {
    runId,
    ack: () => settleOnce(() => channel.ack(message)),
    requeue: () => settleOnce(() => channel.nack(message, false, true)),
  };
}
