import type { Channel } from 'amqplib';
import type { BrokerConnection } from './connection.js';
import { openChannel } from './live-channel.js';

/** The code with which the broker says that there is no such queue. */
export const NOT_FOUND = 404;

/** The broker closes the channel on which it refuses something. */
export async function onThrowAwayChannel<T>(
  connection: BrokerConnection,
  work: (channel: Channel) => Promise<T>,
): Promise<T> {
  const live = await openChannel(connection);
  try {
    return await work(live.channel);
  } finally {
    await live.close();
  }
}
