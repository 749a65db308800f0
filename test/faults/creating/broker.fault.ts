import { once } from 'node:events';
import { expect } from 'chai';
import { ProgramExecutor } from '../../../index.js';
import { amqpUrl } from '../../support/brokers.js';
import { testDatabases } from '../../support/databases.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { tell } from '../harness/account.js';
import { alarmMemory, calmMemory } from '../harness/broker-control.js';
import { nothingLeft, waiting, withChannel } from '../harness/broker-hand.js';
import { executorConfig } from '../harness/child-config.js';
import { rungAgain } from '../harness/doorbell.js';
import { Scenario } from '../harness/scenario.js';

/** How long a publish may take to be confirmed. */
const PUBLISH_TIMEOUT_MS = 5_000;
/** What a busy machine may take beyond that. */
const LATENESS_MS = 3_000;

interface Surroundings {
  proxy: TcpProxy;
  queue: string;
}

interface Fault {
  begin(surroundings: Surroundings): Promise<unknown>;
  end?(surroundings: Surroundings): Promise<unknown>;
}

const FAULTS: Record<string, Fault> = {
  'broker down': { begin: ({ proxy }) => proxy.refuse() },
  'broker silent': { begin: async ({ proxy }) => proxy.blackhole() },
  'broker blocked by an alarm': { begin: alarmMemory, end: calmMemory },
  'message unroutable': { begin: ({ queue }) => withChannel((channel) => channel.deleteQueue(queue)) },
};

describe('Creating: the broker', function () {
  this.timeout(90_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');
  let proxy: TcpProxy;
  beforeEach(async () => (proxy = await TcpProxy.start(amqpUrl())));
  afterEach(async () => {
    await proxy.resume();
    await Scenario.closeAll();
    await proxy.close();
  });

  for (const [what, { begin, end }] of Object.entries(FAULTS))
    it(`${what}: the program is created and reported as not rung for, and the poll starts it`, async () => {
      const scenario = await Scenario.open(database, { broker: proxy.url });
      await scenario.create(2);
      await waiting(scenario.queue, 2);
      const surroundings = { proxy, queue: scenario.queue };
      scenario.struck();
      try {
        await begin(surroundings);
        await expectCreatedAndReported(scenario, scenario.executor);
        await scenario.crew.start();
        await scenario.ended();
      } finally {
        await end?.(surroundings);
      }
      await proxy.resume();
      await rungAgain(scenario);
      await nothingLeft(scenario);
      expect(await scenario.verdict()).to.deep.equal([]);
    });

  it('queue missing, not to be declared: the program is created and reported, and the poll starts it', async () => {
    const scenario = await Scenario.open(database, { broker: true });
    const executor = ProgramExecutor.create({ ...executorConfig(scenario.config), declare: false });
    try {
      scenario.struck();
      await expectCreatedAndReported(scenario, executor);
      await scenario.crew.start();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    } finally {
      await executor.close();
    }
  });
});

async function expectCreatedAndReported(scenario: Scenario, executor: ProgramExecutor): Promise<void> {
  const reported = once(executor, 'dispatchFailed') as Promise<[{ runIds: string[] }]>;
  const startMs = performance.now();
  const runId = await executor.createProgram({ jobs: ['first', 'second', 'third'] });
  const createdInMs = performance.now() - startMs;
  expect(createdInMs).to.be.below(PUBLISH_TIMEOUT_MS);
  scenario.expectEnd(runId, 'finished');
  const [{ runIds }] = await reported;
  expect(runIds).to.deep.equal([runId]);
  const reportedInMs = performance.now() - startMs;
  expect(reportedInMs).to.be.below(PUBLISH_TIMEOUT_MS + LATENESS_MS);
  tell(`created in ${createdInMs.toFixed(0)} ms, reported after ${reportedInMs.toFixed(0)} ms`);
}
