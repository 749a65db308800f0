import { expect } from 'chai';
import { ProgramExecutor } from '../../../index.js';
import { testDatabases, urlOf } from '../../support/databases.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { executorConfig } from '../harness/child-config.js';
import { JOBS } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';

const PROGRAM = { jobs: [...JOBS] };

describe('Creating: the reply is lost', function () {
  this.timeout(60_000);
  afterEach(() => Scenario.closeAll());

  for (const database of testDatabases().filter(({ server }) => server !== undefined))
    it(`INSERT's reply lost by the network: it is repeated, and makes one program, on ${database.name}`, async () => {
      const proxy = await TcpProxy.start(urlOf(database));
      const scenario = await Scenario.open(database, { broker: true });
      const executor = executorBy(proxy, scenario);
      try {
        scenario.expectEnd(await executor.createProgram(PROGRAM), 'finished');
        proxy.lose('server');
        scenario.struck();
        const creating = executor.createProgram(PROGRAM, { runId: 'mine' });
        await scenario.program('mine', () => true);
        await proxy.resume();
        proxy.cutAll();
        expect(await creating).to.equal('mine');
        expect(await executor.createProgram(PROGRAM, { runId: 'mine' })).to.equal('mine');
        scenario.expectEnd('mine', 'finished');
        await scenario.crew.start();
        await scenario.ended();
        expect(await scenario.knex(scenario.table)).to.have.lengthOf(2);
        expect(await scenario.verdict()).to.deep.equal([]);
      } finally {
        await executor.close();
        await proxy.close();
      }
    });
});

function executorBy(proxy: TcpProxy, { config }: Scenario): ProgramExecutor {
  const knex = { client: config.knex?.client ?? '', connection: proxy.url, pool: { min: 0, max: 1 } };
  return ProgramExecutor.create({ ...executorConfig(config), knex });
}
