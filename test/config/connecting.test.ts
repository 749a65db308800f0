import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { watchConnecting } from '../../src/config/connections-under-way.js';
import { checkConfig, closeDatabase, openDatabase } from '../../src/config/index.js';
import { faultKind } from '../../src/program-handler/database-faults.js';
import { rejection } from '../contract/harness.js';
import { QUIET } from '../support/quiet-knex.js';
import { silentLogger } from '../support/silent-logger.js';

const SILENCE = { code: 'ETIMEDOUT', message: 'the database let nobody in within 0.1 s' };

describe('connecting to a server that accepts and says nothing', () => {
  let server: Server;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.close();
  });

  function urlOf(protocol: string): string {
    const { port } = server.address() as AddressInfo;
    return `${protocol}://u:p@127.0.0.1:${port}/x`;
  }

  /** The server's side of a connection that is begun; and when it is gone. */
  async function connecting(): Promise<{ gone: Promise<unknown> }> {
    const [socket] = (await once(server, 'connection')) as [Socket];
    socket.resume();
    return { gone: new Promise((resolve) => socket.once('close', resolve)) };
  }

  for (const protocol of ['postgres', 'mysql']) {
    it(`ends as the pool is closed, with ${protocol}`, async () => {
      const { knex } = openDatabase(checkConfig({ knex: urlOf(protocol) }), silentLogger);
      const begun = connecting();
      const fails = rejection(knex.raw('select 1').then());
      const { gone } = await begun;
      await closeDatabase(knex);
      await gone;
      expect(await fails).to.include({ code: 'PE_CLOSED' });
    });
  }

  for (const [client, protocol] of [
    ['pg', 'postgres'],
    ['mysql2', 'mysql'],
  ] as const) {
    it(`ends by itself in a while, with ${client}, and says why`, async () => {
      const knex: Knex = knexPackage({ ...QUIET, client, connection: urlOf(protocol) });
      watchConnecting(knex, 100);
      const begun = connecting();
      const fails = rejection(knex.raw('select 1').then());
      await (
        await begun
      ).gone;
      expect(await fails).to.include(SILENCE);
      await closeDatabase(knex);
    });
  }

  it("ends when the caller's own timeout is over", async () => {
    const connection = `${urlOf('postgres')}?connectionTimeoutMillis=200`;
    const knex: Knex = knexPackage({ ...QUIET, client: 'pg', connection });
    watchConnecting(knex, 100);
    const error: unknown = await rejection(knex.raw('select 1').then());
    expect(error).to.include({ message: 'timeout expired' });
    expect(faultKind(error)).to.equal('transient');
    await closeDatabase(knex);
  });
});
