import { connect, type Channel, type Replies } from 'amqplib';
import { amqpUrl } from '../../support/brokers.js';
import { eventually } from '../../support/eventually.js';
import type { Scenario } from './scenario.js';

/** Works on the broker by hand, past the code under test, on a connection of its own. */
export async function withChannel<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(amqpUrl());
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    const result = await work(channel);
    // Without this, what was published may be lost when the channel goes.
    await channel.waitForConfirms();
    return result;
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** Resolves when exactly so many messages wait in the queue; those that a consumer has are not counted. */
export function waiting(queue: string, count: number): Promise<unknown> {
  return queueState(`${count} messages wait`, queue, ({ messageCount }) => messageCount === count);
}

/** Resolves when the queue is empty, also of what the workers had and did not settle: they are stopped for that. */
export async function nothingLeft({ crew, queue }: Scenario): Promise<void> {
  await waiting(queue, 0);
  await Promise.all(crew.members.map((worker) => worker.stop()));
  await waiting(queue, 0);
}

/** Resolves when the queue exists and somebody consumes it. */
export function consumed(queue: string): Promise<unknown> {
  return queueState('the queue is consumed', queue, ({ consumerCount }) => consumerCount > 0);
}

/** Whether there is such a queue. */
export function exists(queue: string): Promise<boolean> {
  return withChannel((channel) => channel.checkQueue(queue)).then(
    () => true,
    () => false,
  );
}

/** On a new channel each time, as asking for a queue that is not there closes it. */
function queueState(what: string, queue: string, fits: (state: Replies.AssertQueue) => boolean) {
  return eventually(what, () => withChannel(async (channel) => fits(await channel.checkQueue(queue))));
}

/** What a publisher of ours sends. */
export function hintFor(runId: string): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, runId }));
}
