import type { Channel } from 'amqplib';
import { closeChannels } from '../../faults/harness/broker-control.js';
import { hintFor, withChannel } from '../../faults/harness/broker-hand.js';
import { rabbitmqctl } from '../../support/servers/index.js';
import type { Disaster } from './disaster.js';

const MOST_TAKEN = 50;
const DELIVERY_LIMIT = 2;
const POLICY = JSON.stringify({ 'delivery-limit': DELIVERY_LIMIT });
const NO_QUEUE = '^$';
/** What the older library declares. */
const OTHER = { durable: false, deadLetterExchange: '', deadLetterRoutingKey: 'elsewhere' };
const RUBBISH = ['', '{', 'null', '7', '"text"', '[]', '{"v":9}', '{"v":1,"runId":{}}'];
const TEN_MB = 10 * 1024 * 1024;

/** Each takes hints away, repeats them, or brings false ones. */
export const HINT_DISASTERS: readonly Disaster[] = [
  {
    name: 'the queue is purged',
    strike: async ({ queue }) => {
      const { messageCount } = await withChannel((channel) => channel.purgeQueue(queue));
      return `of ${messageCount} hints`;
    },
  },
  {
    name: 'a hint is lost',
    strike: ({ queue }) => withChannel((channel) => channel.get(queue, { noAck: true })),
  },
  {
    name: 'the queue is deleted',
    strike: ({ queue }) => withChannel((channel) => channel.deleteQueue(queue)),
  },
  {
    name: 'the queue is another one',
    strike: ({ queue }) =>
      withChannel(async (channel) => {
        await channel.deleteQueue(queue);
        await channel.assertQueue(queue, OTHER);
      }),
    lastsMs: [500, 5_000],
    // The workers declare their own.
    undo: ({ queue }) => withChannel((channel) => channel.deleteQueue(queue)),
  },
  {
    name: 'a hint comes a hundred times',
    strike: async ({ queue, programs }, random) => {
      const runId = programs.any(random);
      await publish(queue, Array<Buffer>(100).fill(hintFor(runId)));
      return runId;
    },
  },
  {
    name: 'rubbish comes through the queue',
    strike: ({ queue }) => publish(queue, [...RUBBISH.map((text) => Buffer.from(text)), hintFor('nobody')]),
  },
  {
    name: 'a message of 10 MB comes through the queue',
    strike: ({ queue }) => publish(queue, [Buffer.alloc(TEN_MB, 'x')]),
  },
  {
    name: "the channels of the queue's consumers are closed",
    strike: ({ queue }) => closeChannels(queue),
  },
  {
    name: 'hints reach their delivery limit',
    strike: async ({ queue }) => {
      await rabbitmqctl('set_policy', queue, `^${queue}$`, POLICY);
      for (let delivery = 0; delivery <= DELIVERY_LIMIT; delivery += 1)
        await withChannel((channel) => takeSome(channel, queue));
    },
    undo: ({ queue }) => rabbitmqctl('set_policy', queue, NO_QUEUE, POLICY),
  },
];

function publish(queue: string, bodies: readonly Buffer[]): Promise<void> {
  return withChannel(async (channel) => {
    for (const body of bodies) channel.sendToQueue(queue, body);
  });
}

/** Settles none: the end of the channel gives them back. */
async function takeSome(channel: Channel, queue: string): Promise<void> {
  for (let taken = 0; taken < MOST_TAKEN; taken += 1) if (!(await channel.get(queue))) return;
}
