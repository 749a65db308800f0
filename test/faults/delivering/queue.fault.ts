import { expect } from 'chai';
import { testDatabases } from '../../support/databases.js';
import { nothingLeft, waiting, withChannel } from '../harness/broker-hand.js';
import { rungAgain } from '../harness/doorbell.js';
import { eventually } from '../harness/eventually.js';
import { Scenario } from '../harness/scenario.js';

const HOLD = { first: { kind: 'hold' } } as const;
const CONCURRENCY = 2;
const QUORUM = { arguments: { 'x-queue-type': 'quorum' } };
/** What the older library declares. */
const OTHER = { durable: false, deadLetterExchange: '', deadLetterRoutingKey: 'elsewhere' };

describe('Delivering: the queue', function () {
  this.timeout(60_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');
  afterEach(() => Scenario.closeAll());

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
    if (expectedLine) await worker.logged(expectedLine);
    worker.openGate();
    await scenario.ended();
    await rungAgain(scenario);
    expect(worker.reports('brokerDisconnected')).to.deep.equal([]);
    await nothingLeft(scenario);
    expect(await scenario.verdict()).to.deep.equal([]);
    return scenario;
  }

  it('consumer cancelled (`null`): the worker declares the queue again and consumes it', async () => {
    await survives((queue) => withChannel((channel) => channel.deleteQueue(queue)), 'consumer-cancelled');
  });

  it('queue deleted and re-created: the new one is consumed, the poll starts what waited in the old one', async () => {
    const again = (queue: string) =>
      withChannel(async (channel) => {
        await channel.deleteQueue(queue);
        await channel.assertQueue(queue, QUORUM);
      });
    // Not every version of RabbitMQ tells the consumers.
    await survives(again);
  });

  it('redeclared with other arguments: the queue is used as it is, with a warning', async () => {
    const { queue } = await survives(redeclare, 'queue-taken-over');
    await withChannel((channel) => channel.assertQueue(queue, OTHER));
  });
});

/** Tries again where a worker was quicker to declare what it had lost. */
function redeclare(queue: string): Promise<unknown> {
  return eventually('the queue is another', () =>
    withChannel(async (channel) => {
      await channel.deleteQueue(queue);
      return channel.assertQueue(queue, OTHER);
    }),
  );
}
