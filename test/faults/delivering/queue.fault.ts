import { expect } from 'chai';
import { testDatabases } from '../../support/databases.js';
import { nothingLeft, waiting, withChannel } from '../harness/broker-hand.js';
import { rungAgain } from '../harness/doorbell.js';
import { eventually } from '../../support/eventually.js';
import { Scenario } from '../harness/scenario.js';
import { sideBySide } from '../harness/side-by-side.js';

const HOLD = { first: { kind: 'hold' } } as const;
const CONCURRENCY = 2;
const QUORUM = { arguments: { 'x-queue-type': 'quorum' } };
/** What the older library declares. */
const OTHER = { durable: false, deadLetterExchange: '', deadLetterRoutingKey: 'elsewhere' };

describe('Delivering: the queue', function () {
  this.timeout(60_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');

  /** The harm is done while two programs run whose hints are not settled, and the hints of others wait. */
  async function survives(
    harm: (queue: string) => Promise<unknown>,
    expectedLine?: string,
  ): Promise<Scenario> {
    const options = { concurrency: CONCURRENCY, leaseMs: 60_000 };
    const scenario = await Scenario.open(database!, { broker: true, options });
    const worker = await scenario.crew.start({ isGateOpen: false });
    await rungAgain(scenario);
    await scenario.create(CONCURRENCY + 3, HOLD);
    await worker.seen('entered', { count: 3 + CONCURRENCY });
    await waiting(scenario.queue, 3);
    scenario.struck();
    await harm(scenario.queue);
    if (expectedLine) await worker.seen('logged', { action: expectedLine });
    worker.openGate();
    await scenario.ended();
    await rungAgain(scenario);
    expect(worker.reports('brokerDisconnected')).to.deep.equal([]);
    await nothingLeft(scenario);
    return scenario;
  }

  sideBySide({
    'consumer cancelled (`null`): the worker declares the queue again and consumes it': () =>
      survives((queue) => withChannel((channel) => channel.deleteQueue(queue)), 'consumer-cancelled'),
    // Not every version of RabbitMQ tells the consumers.
    'queue deleted and re-created: the new one is consumed, the poll starts what waited in the old one': () =>
      survives(recreate),
    'redeclared with other arguments: the queue is used as it is, with a warning': async () => {
      const scenario = await survives(redeclare, 'queue-taken-over');
      await withChannel((channel) => channel.assertQueue(scenario.queue, OTHER));
      return scenario;
    },
  });
});

function recreate(queue: string): Promise<unknown> {
  return withChannel(async (channel) => {
    await channel.deleteQueue(queue);
    await channel.assertQueue(queue, QUORUM);
  });
}

/** Tries again where a worker was quicker to declare what it had lost. */
function redeclare(queue: string): Promise<unknown> {
  return eventually('the queue is another', () =>
    withChannel(async (channel) => {
      await channel.deleteQueue(queue);
      return channel.assertQueue(queue, OTHER);
    }),
  );
}
