import type { Channel } from 'amqplib';
import { closeChannels, setBroker } from '../../faults/harness/broker-control.js';
import { withChannel } from '../../faults/harness/broker-hand.js';
import { rabbitmqctl } from '../../support/servers/index.js';
import { brokerOf, type Disaster } from './disaster.js';

const MOST_TAKEN = 50;
const DELIVERY_LIMIT = 2;
const POLICY = JSON.stringify({ 'delivery-limit': DELIVERY_LIMIT });
const NO_QUEUE = '^$';
/** In milliseconds; what a broker has that nobody has set otherwise, and what is too short for a backlog. */
const USUAL = { consumer_timeout: 1_800_000, channel_tick_interval: 60_000 };
const SHORT = { consumer_timeout: 1_000, channel_tick_interval: 500 };

/** Each makes the broker itself take hints back from consumers, or drop them. */
export const DELIVERY_DISASTERS: readonly Disaster[] = [
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
  {
    name: 'the broker does not wait long for acknowledgements',
    strike: async (world) => {
      await setBroker(SHORT);
      await brokerOf(world).user.disconnect();
    },
    lastsMs: [1_000, 5_000],
    undo: async (world) => {
      await setBroker(USUAL);
      // Channels keep what they were opened with.
      await brokerOf(world).user.disconnect();
    },
  },
];

/** Settles none: the end of the channel gives them back. */
async function takeSome(channel: Channel, queue: string): Promise<void> {
  for (let taken = 0; taken < MOST_TAKEN; taken += 1) if (!(await channel.get(queue))) return;
}
