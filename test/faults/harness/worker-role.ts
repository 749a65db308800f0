import type { Knex } from 'knex';
import { urlOf, type TestDatabase } from '../../support/databases.js';
import { serverKind } from './lock-waits.js';

/**
 * A database user of the workers' own, with all that they need.
 * @param tables the first is that of the programs, from which rights may be taken
 */
export async function createWorkerRole(knex: Knex, tables: readonly string[], database: TestDatabase) {
  const [table = ''] = tables;
  const name = `role_${table.slice(-12)}`;
  const user = serverKind(database) === 'mysql' ? `'${name}'@'%'` : name;
  const statements = {
    postgres: {
      create: [
        `create role ${name} login password '${name}'`,
        `grant all on all sequences in schema public to ${name}`,
      ],
      drop: [`drop owned by ${name}`, `drop role ${name}`],
    },
    mysql: { create: [`create user ${user} identified by '${name}'`], drop: [`drop user ${user}`] },
  }[serverKind(database)];
  for (const statement of statements.create) await knex.raw(statement);
  // What docs/how-to/without-schema-rights.md says.
  for (const granted of tables)
    await knex.raw(`grant select, insert, update, delete on ${granted} to ${user}`);
  const url = new URL(urlOf(database));
  [url.username, url.password] = [name, name];
  return {
    url: url.href,
    update: (what: 'revoke' | 'grant') =>
      knex.raw(`${what} update on ${table} ${what === 'revoke' ? 'from' : 'to'} ${user}`),
    revokeSelect: (from: string) => knex.raw(`revoke select on ${from} from ${user}`),
    drop: async () => {
      for (const statement of statements.drop) await knex.raw(statement);
    },
  };
}
