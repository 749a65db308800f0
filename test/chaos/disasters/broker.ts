import { connect, type ConfirmChannel } from 'amqplib';
import { amqpUrl } from '../../support/brokers.js';
import { crashBroker, rabbitmqctl, restartBroker } from '../../support/servers/index.js';
import type { World } from '../world.js';
import { last, type Disaster } from './disaster.js';

/** Each takes hints away, brings false ones, or takes the broker itself. */
export const BROKER_DISASTERS: readonly Disaster[] = [
  {
    name: 'the connections to the broker are cut',
    strike: ({ proxies }) => {
      proxies.broker?.cutAll();
      return Promise.resolve('');
    },
  },
  {
    name: 'the broker falls silent',
    strike: async ({ proxies }, random) => {
      proxies.broker?.blackhole();
      const lasted = await last(100, 4_000, random);
      await proxies.broker?.resume();
      return lasted;
    },
  },
  {
    name: 'the queue is purged',
    strike: async ({ queue }) => {
      await onBroker((channel) => channel.purgeQueue(queue));
      return '';
    },
  },
  {
    name: 'the queue is deleted',
    strike: async ({ queue }) => {
      await onBroker((channel) => channel.deleteQueue(queue));
      return '';
    },
  },
  {
    name: 'a hint comes a hundred times',
    strike: async (world, random) => {
      const runId = random.pick([...world.programs.keys()]);
      await publish(world, Array<string>(100).fill(JSON.stringify({ v: 1, runId })));
      return '';
    },
  },
  {
    name: 'rubbish comes through the queue',
    strike: async (world) => {
      await publish(world, [
        '',
        '{',
        'null',
        '[]',
        '{"v":9}',
        '{"v":1,"runId":{}}',
        '{"v":1,"runId":"nobody"}',
      ]);
      return '';
    },
  },
  {
    name: 'the broker raises its memory alarm',
    strike: async (_world, random) => {
      await rabbitmqctl('set_vm_memory_high_watermark', '0');
      const lasted = await last(500, 3_000, random);
      await rabbitmqctl('set_vm_memory_high_watermark', '0.4');
      return lasted;
    },
  },
  {
    name: 'the broker is restarted',
    strike: async () => {
      await restartBroker();
      return '';
    },
  },
  {
    name: 'the broker crashes',
    strike: async () => {
      await crashBroker();
      return '';
    },
  },
];

async function publish({ queue }: World, bodies: readonly string[]): Promise<void> {
  await onBroker(async (channel) => {
    for (const body of bodies) channel.sendToQueue(queue, Buffer.from(body));
    await channel.waitForConfirms();
  });
}

/** Harm by hand may fail itself, as when the broker is away just now: then it is none. */
async function onBroker(work: (channel: ConfirmChannel) => Promise<unknown>): Promise<void> {
  const connection = await connect(amqpUrl()).catch(() => undefined);
  if (!connection) return;
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    await work(channel);
  } catch {
    // See above.
  } finally {
    await connection.close().catch(() => undefined);
  }
}
