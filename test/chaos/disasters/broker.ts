import { randomBytes } from 'node:crypto';
import { alarmMemory, calmMemory, setBroker } from '../../faults/harness/broker-control.js';
import type { Permissions } from '../../faults/harness/broker-user.js';
import { crashBroker, startBroker, stopBroker, wipeBroker } from '../../support/servers/index.js';
import { brokerOf, type Disaster } from './disaster.js';

const RIGHTS: readonly (keyof Permissions)[] = ['configure', 'write', 'read'];
/** In milliseconds; what a broker has that nobody has set otherwise, and what is too short for a backlog. */
const USUAL = { consumer_timeout: 1_800_000, channel_tick_interval: 60_000 };
const SHORT = { consumer_timeout: 1_000, channel_tick_interval: 500 };

/** Each takes the broker from the workers, or what they may do there. */
export const BROKER_DISASTERS: readonly Disaster[] = [
  {
    name: 'the broker raises its memory alarm',
    strike: alarmMemory,
    lastsMs: [500, 3_000],
    undo: calmMemory,
  },
  { name: 'the broker is stopped for a while', strike: stopBroker, lastsMs: [0, 3_000], undo: startBroker },
  { name: 'the broker crashes', strike: crashBroker, undo: startBroker },
  {
    name: 'the broker comes back and knows nothing',
    strike: async () => {
      await stopBroker();
      await wipeBroker();
    },
    undo: async (world) => {
      await startBroker();
      await brokerOf(world).user.restore();
    },
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
  {
    name: "the password for the broker is changed, and the workers' is not",
    strike: async (world) => {
      const { user } = brokerOf(world);
      await user.changePassword(randomBytes(6).toString('hex'));
      await user.disconnect();
    },
    lastsMs: [100, 4_000],
    undo: (world) => brokerOf(world).tellUrl(),
  },
  {
    name: 'the workers lose a right on the broker',
    strike: async (world, random) => {
      const { user } = brokerOf(world);
      const right = random.pick(RIGHTS);
      await user.allow({ [right]: '' });
      await user.disconnect();
      return `to ${right}`;
    },
    lastsMs: [100, 4_000],
    undo: (world) => brokerOf(world).user.allow(),
  },
  {
    name: 'the broker shows a bad certificate',
    strike: async (world, random) => {
      const certificate = random.pick(['expired', 'foreign'] as const);
      brokerOf(world).show(certificate);
      return certificate;
    },
    lastsMs: [500, 5_000],
    undo: async (world) => brokerOf(world).show('valid'),
  },
];
