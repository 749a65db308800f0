import { expect } from 'chai';
import { amqpUrl } from '../../support/brokers.js';
import { testDatabases } from '../../support/databases.js';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import { withProxy } from '../../support/with-proxy.js';
import { AMQP_METHODS } from '../harness/amqp-methods.js';
import { nothingLeft } from '../harness/broker-hand.js';
import { createWhile } from '../harness/create-while.js';
import { pollCarriesOn, rungAgain } from '../harness/doorbell.js';
import { eventually } from '../../support/eventually.js';
import { Scenario } from '../harness/scenario.js';
import { sideBySide, type Row } from '../harness/side-by-side.js';

/** Connections that are reset at the same place, one after the other. */
const RESETS = 3;
/** In the handshake, after it, in the set-up of the queue, and at its end. */
const CUT_AFTER_BYTES = [0, 8, 200, 700, 800];

/** As a scenario has it. */
const CONCURRENCY = 5;

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
  const open = (proxy: TcpProxy, options = {}) => Scenario.open(database, { broker: proxy.url, options });
  const rows: Record<string, Row> = {};

  for (const [phase, method] of Object.entries(PHASES))
    rows[`connection reset during ${phase}, ${RESETS} times: the poll carries on, the next one is used`] =
      () =>
        withProxy(amqpUrl(), async (proxy) => {
          const scenario = await open(proxy);
          const reset = proxy.resetInstead(method, RESETS);
          await scenario.crew.start();
          scenario.struck();
          await createWhile(scenario, reset);
          await scenario.ended();
          await rungAgain(scenario);
          await nothingLeft(scenario);
          return scenario;
        });

  rows['connection reset while hints are delivered: those not settled come again and change nothing'] = () =>
    withProxy(amqpUrl(), async (proxy) => {
      const scenario = await open(proxy, { leaseMs: 60_000 });
      const worker = await scenario.crew.start({ isGateOpen: false });
      await rungAgain(scenario);
      const before = worker.reports('entered').length;
      await scenario.create(20, { second: { kind: 'hold' } });
      await worker.seen('entered', { count: before + 2 * CONCURRENCY });
      scenario.struck();
      proxy.resetAll();
      await worker.seen('brokerDisconnected');
      worker.openGate();
      await scenario.ended();
      await rungAgain(scenario);
      await nothingLeft(scenario);
      expect(Math.max(...(await scenario.versions()).map(({ fence }) => fence))).to.equal(1);
      return scenario;
    });

  rows[`connection cut after ${CUT_AFTER_BYTES.join(', ')} bytes: the poll carries on until one is whole`] =
    () =>
      withProxy(amqpUrl(), async (proxy) => {
        const scenario = await open(proxy);
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
        return scenario;
      });

  sideBySide(rows);
});
