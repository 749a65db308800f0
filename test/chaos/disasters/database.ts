import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import { relativeClock } from '../../faults/harness/database-clock.js';
import { urlOf, type TestDatabase } from '../../support/databases.js';
import { acceptSteps, refuseSteps } from '../../support/refuse-steps.js';
import { crashDatabase, startDatabase, stopDatabase } from '../../support/servers/index.js';
import { terminateConnections } from '../../support/servers/terminate-connections.js';
import type { World } from '../world.js';
import { last, type Disaster } from './disaster.js';

const HOUR_MS = 3_600_000;
const MOST_LOCKED = 10;

const startAgain = ({ database }: World): Promise<void> => startDatabase(serverOf(database));

/** Each takes a database server from the workers, or what they may do there. */
export const SERVER_DISASTERS: readonly Disaster[] = [
  {
    name: 'all connections to the database are ended by the server',
    strike: ({ database }) => terminateConnections(urlOf(database)),
  },
  {
    name: 'the database crashes',
    strike: ({ database }) => crashDatabase(serverOf(database)),
    undo: startAgain,
  },
  {
    name: 'the database is stopped for a while',
    strike: ({ database }) => stopDatabase(serverOf(database)),
    lastsMs: [0, 4_000],
    undo: startAgain,
  },
  {
    name: 'the workers may not update the table',
    strike: async ({ role }) => role?.update('revoke'),
    lastsMs: [100, 3_000],
    undo: async ({ role }) => role?.update('grant'),
  },
  {
    name: 'somebody locks one row after the other, which may end in a deadlock',
    strike: ({ knex, table }, random) =>
      knex.transaction(async (trx) => {
        const ids = random.shuffled(await unended(trx, table)).slice(0, MOST_LOCKED);
        for (const id of ids) {
          await trx(table).where('id', id).forUpdate().select('id');
          await delay(random.between(0, 300));
        }
        return `${ids.length} rows`;
      }),
  },
];

/** PostgreSQL's alone. */
export const POSTGRES_DISASTERS: readonly Disaster[] = [
  {
    name: 'the table is locked by somebody else',
    strike: ({ knex, table }, random) =>
      knex.transaction(async (trx) => {
        await trx.raw('lock table ?? in access exclusive mode', [table]);
        return last([100, 3_000], random);
      }),
  },
];

export const FILE_DISASTERS: readonly Disaster[] = [
  {
    name: 'the file is locked by somebody else',
    strike: ({ knex, table }, random) =>
      knex.transaction(async (trx) => {
        await trx.raw('delete from ?? where false', [table]);
        return last([100, 3_000], random);
      }),
  },
];

/** For a server as for a file. */
export const ROW_DISASTERS: readonly Disaster[] = [
  {
    name: 'the clock of the database jumps an hour ahead',
    strike: ({ knex, table }) => relativeClock({ knex, table }).jump(HOUR_MS),
  },
  {
    name: 'the database refuses every further step of a program',
    strike: async ({ knex, table, database, programs }, random) => {
      const runId = programs.any(random);
      programs.refused.add(runId);
      await refuseSteps(knex, database.kind, table, runId);
      return runId;
    },
    lastsMs: [100, 3_000],
    undo: ({ knex, table, database }) => acceptSteps(knex, database.kind, table),
  },
];

function unended(trx: Knex.Transaction, table: string): Promise<number[]> {
  return trx(table).whereNull('finished_at').whereNull('errored_at').pluck('id') as Promise<number[]>;
}

function serverOf({ name, server }: TestDatabase) {
  if (!server) throw new Error(`${name} has no server`);
  return server;
}
