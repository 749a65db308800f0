import { urlOf, type TestDatabase } from '../../support/databases.js';
import { crashDatabase } from '../../support/servers/index.js';
import { terminateConnections } from '../../support/servers/terminate-connections.js';
import { last, type Disaster } from './disaster.js';

/** Each takes a database server, or the way to it, from the workers. */
export const DATABASE_DISASTERS: readonly Disaster[] = [
  {
    name: 'all connections to the database are ended by the server',
    strike: async ({ database }) => {
      await terminateConnections(urlOf(database));
      return '';
    },
  },
  {
    name: 'the connections to the database are cut',
    strike: ({ proxies }) => {
      proxies.database?.cutAll();
      return Promise.resolve('');
    },
  },
  {
    name: 'the database cannot be reached',
    strike: async ({ proxies }, random) => {
      await proxies.database?.refuse();
      const lasted = await last(100, 4_000, random);
      await proxies.database?.resume();
      return lasted;
    },
  },
  {
    name: 'the database falls silent',
    strike: async ({ proxies }, random) => {
      proxies.database?.blackhole();
      const lasted = await last(100, 4_000, random);
      await proxies.database?.resume();
      return lasted;
    },
  },
  {
    name: 'the table is locked by somebody else',
    strike: ({ knex, table, database }, random) =>
      database.kind === 'postgres'
        ? knex.transaction(async (trx) => {
            await trx.raw('lock table ?? in access exclusive mode', [table]);
            return last(100, 3_000, random);
          })
        : Promise.resolve('not here'),
  },
  {
    name: 'the workers may not update the table',
    strike: async ({ role }, random) => {
      await role?.update('revoke');
      const lasted = await last(100, 3_000, random);
      await role?.update('grant');
      return lasted;
    },
  },
  {
    name: 'the database crashes',
    strike: async ({ database }) => {
      await crashDatabase(serverOf(database));
      return '';
    },
  },
];

/** The only one that strikes a file. */
export const FILE_DISASTERS: readonly Disaster[] = [
  {
    name: 'the file is locked by somebody else',
    strike: ({ knex, table }, random) =>
      knex.transaction(async (trx) => {
        await trx.raw('delete from ?? where false', [table]);
        return last(100, 3_000, random);
      }),
  },
];

function serverOf({ name, server }: TestDatabase) {
  if (!server) throw new Error(`${name} has no server`);
  return server;
}
