import type { Channel } from 'amqplib';
import { expect } from 'chai';
import { amqpUrl } from '../support/brokers.js';
import { testDatabases } from '../support/databases.js';
import { restartBroker } from '../support/servers/index.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { consumed, withChannel } from './harness/broker-hand.js';
import { createWhile } from './harness/create-while.js';
import { eventually } from '../support/eventually.js';
import { Scenario } from './harness/scenario.js';

const TAKE = { first: { kind: 'take', ms: 30 }, third: { kind: 'take', ms: 30 } } as const;
const HOLD = { first: { kind: 'hold' } } as const;

describe('Faults: the broker', function () {
  this.timeout(90_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');
  const open = (broker: true | string, concurrency = 5): Promise<Scenario> =>
    Scenario.open(database, { broker, options: { concurrency } });
  afterEach(() => Scenario.closeAll());

  it('EM-57: may be restarted while programs run and are created', async () => {
    const scenario = await open(true);
    const workers = await Promise.all([scenario.crew.start(), scenario.crew.start()]);
    await Promise.all(workers.map((worker) => worker.seen('brokerConnected')));
    await scenario.create(50, TAKE);
    await createWhile(scenario, restartBroker(), TAKE);
    await Promise.all(workers.map((worker) => worker.seen('brokerConnected', { count: 2 })));
    await scenario.create(20, TAKE);
    await scenario.ended();
    expect(await scenario.verdict()).to.deep.equal([]);
  });

  it('may be down from the start: programs are created, and run by the poll', async () => {
    const proxy = await TcpProxy.start(amqpUrl());
    try {
      await proxy.refuse();
      const scenario = await open(proxy.url);
      const worker = await scenario.crew.start();
      await scenario.create(20, TAKE);
      await scenario.ended();
      expect(worker.reports('brokerConnected')).to.deep.equal([]);
      await proxy.resume();
      await worker.seen('brokerConnected');
      await scenario.create(20, TAKE);
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    } finally {
      await Scenario.closeAll();
      await proxy.close();
    }
  });

  const harm = {
    purged: (channel: Channel, queue: string) => channel.purgeQueue(queue),
    deleted: (channel: Channel, queue: string) => channel.deleteQueue(queue),
  };
  for (const [what, harmQueue] of Object.entries(harm))
    it(`may have the queue ${what} while programs wait in it`, async () => {
      const scenario = await open(true, 2);
      const worker = await scenario.crew.start({ isGateOpen: false });
      await worker.seen('brokerConnected');
      await scenario.create(20, HOLD);
      await worker.seen('entered', { count: 2 });
      await withChannel(async (channel) => {
        const { queue } = scenario;
        await eventually('hints wait', async () => (await channel.checkQueue(queue)).messageCount >= 10);
        expect((await harmQueue(channel, queue)).messageCount).to.be.at.least(10);
        worker.openGate();
        await scenario.ended();
        await scenario.create(20);
        await scenario.ended();
        await consumed(queue);
      });
      expect(await scenario.verdict()).to.deep.equal([]);
    });
});
