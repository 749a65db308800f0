import { expect } from 'chai';
import { amqpUrl } from '../../support/brokers.js';
import { urlOf } from '../../support/databases.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { tell } from '../harness/account.js';
import { atOnce } from '../harness/at-once.js';
import { startHeir } from '../harness/heir.js';
import { modes, type Mode } from '../harness/modes.js';
import { Scenario } from '../harness/scenario.js';

const LEASE_MS = 4_000;
const GRACE_MS = 500;
/** The grace, 3 s to release programs, 2 s for the lease thread, and 5 s for each of rings, broker and database. */
const DEADLINE_MS = GRACE_MS + 20_000;

/** A way in which everything that a worker talks to is away, and back again. */
interface Outage {
  readonly title: string;
  begin(scenario: Scenario, proxies: readonly TcpProxy[]): Promise<unknown>;
  end(scenario: Scenario, proxies: readonly TcpProxy[]): Promise<unknown>;
}

const resume: Outage['end'] = (_scenario, proxies) => Promise.all(proxies.map((proxy) => proxy.resume()));
const refused: Outage = {
  title: 'refuse connections',
  begin: (_scenario, proxies) => Promise.all(proxies.map((proxy) => proxy.refuse())),
  end: resume,
};
const silent: Outage = {
  title: 'say nothing',
  begin: (_scenario, proxies) => {
    for (const proxy of proxies) proxy.blackhole();
    return Promise.resolve();
  },
  end: resume,
};
const locked: Outage = {
  title: 'are a file that somebody has locked',
  begin: ({ knex }) => knex.raw('begin exclusive'),
  end: ({ knex }) => knex.raw('rollback'),
};

const CASES = modes().flatMap((mode) =>
  (mode.database.kind === 'sqlite' ? [locked] : [refused, silent]).map((outage) => ({ mode, outage })),
);
const allProxies: TcpProxy[] = [];

async function openBehindProxies({ database, hasBroker }: Mode) {
  const start = async (url: string): Promise<TcpProxy> => {
    const proxy = await TcpProxy.start(url);
    allProxies.push(proxy);
    return proxy;
  };
  const broker = hasBroker ? await start(amqpUrl()) : undefined;
  const server = database.server && (await start(urlOf(database)));
  const scenario = await Scenario.open(database, {
    ...(broker && { broker: broker.url }),
    ...(server && { workersDatabaseUrl: server.url }),
    options: { leaseMs: LEASE_MS },
  });
  return { scenario, proxies: [broker, server].filter((proxy) => proxy !== undefined) };
}

/** A worker in the middle of jobs is stopped while its servers are away. Resolves with how long that took. */
async function stopWithoutServers({ mode, outage }: (typeof CASES)[number]) {
  const { scenario, proxies } = await openBehindProxies(mode);
  const worker = await scenario.crew.start({ isGateOpen: false, graceMs: GRACE_MS });
  const runIds = await scenario.create(3, { second: { kind: 'hold' } });
  await Promise.all(runIds.map((runId) => worker.seen('entered', { runId, count: 2 })));
  await outage.begin(scenario, proxies);
  const startedAtMs = performance.now();
  const exitCode = await worker.stop();
  const tookMs = performance.now() - startedAtMs;
  await outage.end(scenario, proxies);
  scenario.struck();
  await startHeir(scenario);
  await scenario.ended();
  return { scenario, exitCode, tookMs };
}

describe('Faults, stopping: broker and database are down', function () {
  this.timeout(120_000);
  after(async () => {
    await Scenario.closeAll();
    await Promise.all(allProxies.map((proxy) => proxy.close()));
  });
  const stopped = atOnce(CASES, stopWithoutServers);

  for (const theCase of CASES)
    it(`stop while they ${theCase.outage.title}: returns by its deadline, on ${theCase.mode.name}`, async () => {
      const { scenario, exitCode, tookMs } = await stopped(theCase);
      expect(exitCode).to.equal(0);
      expect(tookMs).to.be.below(DEADLINE_MS);
      tell(`stopped after ${(tookMs / 1_000).toFixed(1)} s`);
      expect(await scenario.verdict()).to.deep.equal([]);
    });
});
