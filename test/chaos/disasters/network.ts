import { AMQP_METHODS } from '../../faults/harness/amqp-methods.js';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import type { World } from '../world.js';
import { brokerOf, type Disaster } from './disaster.js';

/** In a handshake, after it, and later. */
const CUT_AFTER_BYTES = [0, 8, 200, 700, 3_000];

/** What may happen on a way to a server. */
function networkDisasters(server: string, proxyOf: (world: World) => TcpProxy): Disaster[] {
  const undo = (world: World): Promise<void> => proxyOf(world).resume();
  return [
    { name: `the connections to ${server} are cut`, strike: async (world) => proxyOf(world).cutAll() },
    { name: `the connections to ${server} are reset`, strike: async (world) => proxyOf(world).resetAll() },
    {
      name: `${server} cannot be reached`,
      strike: (world) => proxyOf(world).refuse(),
      lastsMs: [100, 4_000],
      undo,
    },
    {
      name: `${server} falls silent`,
      strike: async (world) => proxyOf(world).blackhole(),
      lastsMs: [100, 4_000],
      undo,
    },
    {
      name: `the connections to ${server} are half-open`,
      strike: async (world) => proxyOf(world).sever(),
      lastsMs: [1_000, 25_000],
      undo,
    },
    {
      name: `the way to ${server} is slow`,
      strike: async (world, random) => {
        const ms = random.between(20, 500);
        proxyOf(world).delay(ms);
        return `by ${ms} ms`;
      },
      lastsMs: [500, 4_000],
      undo,
    },
    {
      name: `each connection to ${server} is reset after some bytes`,
      strike: async (world, random) => {
        const bytes = random.pick(CUT_AFTER_BYTES);
        proxyOf(world).resetAfter(bytes);
        proxyOf(world).cutAll();
        return String(bytes);
      },
      lastsMs: [500, 4_000],
      undo,
    },
    {
      name: `what one side sends on the way to ${server} is lost, then the connections`,
      strike: async (world, random) => {
        const side = random.pick(['client', 'server'] as const);
        proxyOf(world).lose(side);
        return side;
      },
      lastsMs: [100, 3_000],
      undo: async (world) => {
        // What comes after bytes that are lost makes no sense to the other side.
        proxyOf(world).cutAll();
        await proxyOf(world).resume();
      },
    },
  ];
}

function databaseProxyOf({ ways }: World): TcpProxy {
  if (!ways.proxy) throw new Error('There is no way to a file');
  return ways.proxy;
}

export const DATABASE_NETWORK_DISASTERS = networkDisasters('the database', databaseProxyOf);

export const BROKER_NETWORK_DISASTERS: readonly Disaster[] = [
  ...networkDisasters('the broker', (world) => brokerOf(world).proxy),
  {
    name: 'connections to the broker are reset in place of a method',
    strike: async (world, random) => {
      const { proxy } = brokerOf(world);
      const name = random.pick(Object.keys(AMQP_METHODS) as (keyof typeof AMQP_METHODS)[]);
      void proxy.resetInstead(AMQP_METHODS[name], random.between(1, 3));
      // Some are only sent at the beginning.
      proxy.cutAll();
      return name;
    },
    lastsMs: [500, 4_000],
    undo: (world) => brokerOf(world).proxy.resume(),
  },
];
