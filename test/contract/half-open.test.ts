import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { faultKind } from '../../src/program-handler/database-faults.js';
import { Patience } from '../../src/program-handler/dialects/patience.js';
import { onRawConnection } from '../../src/program-handler/dialects/raw-connection.js';
import { QUIET } from '../support/quiet-knex.js';
import { testDatabases, urlOf } from '../support/databases.js';
import { TcpProxy } from '../support/tcp-proxy.js';

interface Connection {
  query(text: string, callback: (error: Error | null) => void): void;
}

function ping(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query('select 1', (error) => (error ? reject(error) : resolve()));
  });
}

for (const database of testDatabases().filter(({ server }) => server !== undefined))
  describe(`a half-open connection to ${database.name}`, () => {
    let proxy: TcpProxy;
    let knex: Knex;

    beforeEach(async () => {
      proxy = await TcpProxy.start(urlOf(database));
      const { client } = database.createKnexConfig() as { client: string };
      knex = knexPackage({ ...QUIET, client, connection: proxy.url, pool: { min: 0, max: 1 } });
    });

    afterEach(async () => {
      await proxy.close();
      await knex.destroy();
    });

    it('is given up when nothing is heard on it, and another one takes its place', async () => {
      await onRawConnection(knex, ping);
      proxy.sever();
      const error: unknown = await onRawConnection(knex, ping, new Patience(200)).catch(
        (cause: unknown) => cause,
      );
      expect(faultKind(error)).to.equal('transient');
      await onRawConnection(knex, ping);
    });
  });

describe('patience with a silent server', () => {
  it('grows each time, and is as short as at first after an answer', () => {
    const patience = new Patience(20_000);
    const waits = Array.from({ length: 6 }, () => {
      const { ms } = patience;
      patience.onSilence();
      return ms;
    });
    expect(waits).to.deep.equal([20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    patience.onAnswer();
    expect(patience.ms).to.equal(20_000);
  });
});
