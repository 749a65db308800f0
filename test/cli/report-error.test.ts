import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import knexPackage from 'knex';
import { DatabaseUnavailableError, ProgramNotFoundError } from '../../src/errors/index.js';
import { lineOf } from '../../src/cli/report-error.js';
import { UsageError } from '../../src/cli/usage-error.js';
import { QUIET } from '../support/quiet-knex.js';

const STATEMENT = "select * from `programs` where `run_id` = 'a - b'";

function driverError(code: string, statement = STATEMENT): Error {
  return Object.assign(new Error(`${statement} - permission denied for table programs`), { code });
}

describe('what an error says', () => {
  it('is the word of the database without the statement and its values', () => {
    const unavailable = new DatabaseUnavailableError('Listing programs', 10_000, driverError('08006'));
    for (const error of [driverError('42501'), driverError('42501', `\n      ${STATEMENT}`)])
      expect(lineOf(error)).to.equal('permission denied for table programs');
    expect(lineOf(unavailable)).to.equal(
      'Listing programs: the database did not answer for 10000 ms: permission denied for table programs',
    );
  });

  it('is whole where it is none of a database, whatever it names', () => {
    for (const error of [
      new ProgramNotFoundError('select 1 - x'),
      new UsageError("select one - unknown command 'a - b'"),
      Object.assign(new Error("ENOENT: no such file or directory, open 'a - b'"), { code: 'ENOENT' }),
    ])
      expect(lineOf(error)).to.equal(error.message);
  });

  describe('of a server that accepts and never answers', () => {
    const sockets = new Set<Socket>();
    let server: Server;
    beforeEach(async () => {
      server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    afterEach(async () => {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    });

    it('is that no connection was made', async () => {
      const { port } = server.address() as AddressInfo;
      const connection = `postgres://u:p@127.0.0.1:${port}/app`;
      const knex = knexPackage({ ...QUIET, client: 'pg', connection, acquireConnectionTimeout: 50 });
      const error: unknown = await knex.raw('select 1').catch((cause: unknown) => cause);
      expect(lineOf(error)).to.equal('no connection to the database was made in time');
      for (const socket of sockets) socket.destroy();
      await knex.destroy();
    });
  });
});
