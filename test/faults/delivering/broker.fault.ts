import { expect } from 'chai';
import { testDatabases } from '../../support/databases.js';
import { startBroker, stopBroker, wipeBroker } from '../../support/servers/index.js';
import { nothingLeft, waiting } from '../harness/broker-hand.js';
import { pollCarriesOn, rungAgain } from '../harness/doorbell.js';
import { Scenario } from '../harness/scenario.js';

const HOLD = { second: { kind: 'hold' } } as const;
const WAITING = 3;

describe('Delivering: the broker', function () {
  this.timeout(90_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');
  afterEach(() => Scenario.closeAll());

  const whileDown = {
    'broker restarted: the poll carries on while it is down, its hints are delivered afterwards': () =>
      Promise.resolve(),
    'node wiped: the poll carries on, the queue is declared anew on a node that knows nothing': wipeBroker,
  };
  for (const [title, wipe] of Object.entries(whileDown))
    it(title, async () => {
      const options = { concurrency: 2, leaseMs: 60_000 };
      const scenario = await Scenario.open(database, { broker: true, options });
      const worker = await scenario.crew.start({ isGateOpen: false });
      await rungAgain(scenario);
      await scenario.create(2 + WAITING, HOLD);
      await waiting(scenario.queue, WAITING);
      scenario.struck();
      await stopBroker();
      try {
        await worker.seen('brokerDisconnected');
        worker.openGate();
        await pollCarriesOn(scenario);
        await wipe();
      } finally {
        await startBroker();
      }
      await rungAgain(scenario);
      await nothingLeft(scenario);
      expect(await scenario.verdict()).to.deep.equal([]);
    });
});
