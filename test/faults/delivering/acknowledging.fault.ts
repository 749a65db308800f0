import type { Channel, GetMessage } from 'amqplib';
import { expect } from 'chai';
import { amqpUrl } from '../../support/brokers.js';
import { testDatabases } from '../../support/databases.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { closeChannels, withBrokerSettings } from '../harness/broker-control.js';
import { nothingLeft, waiting, withChannel } from '../harness/broker-hand.js';
import { rungAgain } from '../harness/doorbell.js';
import { Scenario } from '../harness/scenario.js';

const COUNT = 3;
const HOLD = { second: { kind: 'hold' } } as const;
/** A hint is settled when its lease is renewed for the first time: long leases leave it open in a held job. */
const LONG_LEASE = { options: { leaseMs: 60_000 } };
const CONSUMER_TIMEOUT_MS = 2_000;
const DELIVERY_LIMIT = 2;

describe('Delivering: acknowledging', function () {
  this.timeout(60_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');
  const open = (broker: true | string) => Scenario.open(database, { broker, ...LONG_LEASE });
  afterEach(() => Scenario.closeAll());

  it('ack lost: the hints come again, and what has ended is not run again', async () => {
    const proxy = await TcpProxy.start(amqpUrl());
    try {
      const scenario = await open(proxy.url);
      const worker = await heldBy(scenario);
      proxy.lose('client');
      worker.openGate();
      await scenario.ended();
      scenario.struck();
      proxy.cutAll();
      await proxy.resume();
      await worker.seen('brokerConnected', { count: 2 });
      await rungAgain(scenario);
      await expectEachRunOnce(scenario);
    } finally {
      await Scenario.closeAll();
      await proxy.close();
    }
  });

  it('channel closed before ack: the hints come again while their programs run, and change nothing', async () => {
    const scenario = await open(true);
    const worker = await heldBy(scenario);
    scenario.struck();
    await closeChannels(scenario.queue);
    await worker.seen('logged', { action: 'channel-lost' });
    worker.openGate();
    await scenario.ended();
    await rungAgain(scenario);
    expect(worker.reports('brokerDisconnected')).to.deep.equal([]);
    await expectEachRunOnce(scenario);
  });

  it('consumer timeout: the broker closes the channel under a long job, which goes on', async () => {
    await withBrokerSettings(
      { consumer_timeout: CONSUMER_TIMEOUT_MS, channel_tick_interval: CONSUMER_TIMEOUT_MS / 2 },
      async () => {
        const scenario = await open(true);
        const worker = await heldBy(scenario);
        scenario.struck();
        await worker.seen('logged', { action: 'channel-lost' });
        worker.openGate();
        await scenario.ended();
        await rungAgain(scenario);
        await expectEachRunOnce(scenario);
      },
    );
  });

  it('delivery limit reached: the broker drops the hints, and the poll starts the programs', async () => {
    const scenario = await open(true);
    await withChannel((channel) =>
      channel.assertQueue(scenario.queue, {
        arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': DELIVERY_LIMIT },
      }),
    );
    await scenario.create(COUNT);
    await waiting(scenario.queue, COUNT);
    scenario.struck();
    for (let delivery = 0; delivery <= DELIVERY_LIMIT; delivery += 1) {
      await withChannel((channel) => takeAll(channel, scenario.queue));
      await waiting(scenario.queue, delivery < DELIVERY_LIMIT ? COUNT : 0);
    }
    await scenario.crew.start();
    await scenario.ended();
    await rungAgain(scenario);
    await expectEachRunOnce(scenario);
  });
});

/** A worker that was rung for programs that it holds in their second job; their hints are not settled. */
async function heldBy(scenario: Scenario) {
  const worker = await scenario.crew.start({ isGateOpen: false });
  await rungAgain(scenario);
  const runIds = await scenario.create(COUNT, HOLD);
  await Promise.all(runIds.map((runId) => worker.seen('entered', { runId, count: 2 })));
  return worker;
}

/** Takes every message and settles none: the end of the channel gives them back. */
async function takeAll(channel: Channel, queue: string): Promise<void> {
  const taken: GetMessage[] = [];
  while (taken.length < COUNT) {
    const message = await channel.get(queue);
    if (message) taken.push(message);
  }
}

async function expectEachRunOnce(scenario: Scenario): Promise<void> {
  await nothingLeft(scenario);
  expect(await scenario.verdict()).to.deep.equal([]);
  expect(Math.max(...(await scenario.versions()).map(({ fence }) => fence))).to.equal(1);
  for (const runId of new Set((await scenario.versions()).map((version) => version.runId)))
    expect(scenario.crew.reports('entered', runId)).to.have.lengthOf(3);
}
