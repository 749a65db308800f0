import { expect } from 'chai';
import { amqpUrl } from '../../support/brokers.js';
import { testDatabases } from '../../support/databases.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { AMQP_METHODS } from '../harness/amqp-methods.js';
import { nothingLeft } from '../harness/broker-hand.js';
import { createWhile } from '../harness/create-while.js';
import { pollCarriesOn, rungAgain } from '../harness/doorbell.js';
import { eventually } from '../harness/eventually.js';
import { Scenario } from '../harness/scenario.js';

/** Connections that are reset at the same place, one after the other. */
const RESETS = 3;
/** In the handshake, after it, in the set-up of the queue, and at its end. */
const CUT_AFTER_BYTES = [0, 8, 200, 700, 800];

const PHASES: Record<string, Buffer> = {
  connect: AMQP_METHODS.connectionOpen,
  setup: AMQP_METHODS.queueDeclare,
  publish: AMQP_METHODS.basicPublish,
  consume: AMQP_METHODS.basicConsume,
};

describe('Delivering: connection reset', function () {
  this.timeout(60_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');
  let proxy: TcpProxy;
  beforeEach(async () => (proxy = await TcpProxy.start(amqpUrl())));
  afterEach(async () => {
    await proxy.resume();
    await Scenario.closeAll();
    await proxy.close();
  });

  for (const [phase, method] of Object.entries(PHASES))
    it(`connection reset during ${phase}, ${RESETS} times: the poll carries on, the next one is used`, async () => {
      const scenario = await Scenario.open(database, { broker: proxy.url });
      const reset = proxy.resetInstead(method, RESETS);
      await scenario.crew.start();
      scenario.struck();
      await createWhile(scenario, reset);
      await scenario.ended();
      await rungAgain(scenario);
      await nothingLeft(scenario);
      expect(await scenario.verdict()).to.deep.equal([]);
    });

  it('connection reset while hints are delivered: those not settled come again and change nothing', async () => {
    const scenario = await Scenario.open(database, { broker: proxy.url, options: { leaseMs: 60_000 } });
    const worker = await scenario.crew.start({ isGateOpen: false });
    await rungAgain(scenario);
    await scenario.create(20, { second: { kind: 'hold' } });
    await worker.seen('entered', { count: 3 + 2 * 5 });
    scenario.struck();
    proxy.resetAll();
    await worker.seen('brokerDisconnected');
    worker.openGate();
    await scenario.ended();
    await rungAgain(scenario);
    await nothingLeft(scenario);
    expect(await scenario.verdict()).to.deep.equal([]);
    expect(Math.max(...(await scenario.versions()).map(({ fence }) => fence))).to.equal(1);
  });

  it(`connection cut after ${CUT_AFTER_BYTES.join(', ')} bytes: the poll carries on until one is whole`, async () => {
    const scenario = await Scenario.open(database, { broker: proxy.url });
    proxy.resetAfter(0);
    await scenario.crew.start();
    scenario.struck();
    for (const bytes of CUT_AFTER_BYTES) {
      proxy.resetAfter(bytes);
      const before = proxy.accepted;
      await scenario.create(1);
      await eventually('the next connection', async () => proxy.accepted > before);
    }
    await pollCarriesOn(scenario);
    await proxy.resume();
    await rungAgain(scenario);
    await nothingLeft(scenario);
    expect(await scenario.verdict()).to.deep.equal([]);
  });
});
