import { hintFor, withChannel } from '../../faults/harness/broker-hand.js';
import type { Disaster } from './disaster.js';

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
];

function publish(queue: string, bodies: readonly Buffer[]): Promise<void> {
  return withChannel(async (channel) => {
    for (const body of bodies) channel.sendToQueue(queue, body);
  });
}
