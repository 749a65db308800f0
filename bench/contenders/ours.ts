import { fileURLToPath } from 'node:url';
import type { ServerName } from '../../test/support/servers/description.js';
import type { Contender } from './contender.js';

export type DatabaseChoice = 'pg' | 'mariadb' | 'sqlite';
export type BrokerChoice = 'rabbitmq' | 'none';

const MODULE = fileURLToPath(new URL('../drivers/ours/open.js', import.meta.url));

const DATABASES: Record<DatabaseChoice, { label: string; servers: ServerName[]; share: number }> = {
  pg: { label: 'PostgreSQL', servers: ['postgres'], share: 1 },
  mariadb: { label: 'MariaDB', servers: ['mariadb'], share: 0.5 },
  sqlite: { label: 'SQLite', servers: [], share: 1 },
};

export interface OursChoice {
  db: DatabaseChoice;
  broker: BrokerChoice;
  /** Left out: the product's default. */
  concurrency?: number | undefined;
}

export function ours({ db, broker, concurrency }: OursChoice): Contender {
  const database = DATABASES[db];
  const withBroker = broker === 'rabbitmq';
  const limit = concurrency === undefined ? '' : `, concurrency ${concurrency}`;
  return {
    label: `ours: ${database.label}${withBroker ? ' + RabbitMQ' : ''}${limit}`,
    system: 'ours',
    modulePath: MODULE,
    servers: withBroker ? [...database.servers, 'rabbitmq'] : database.servers,
    options: { db, broker, ...(concurrency !== undefined && { concurrency }) },
    share: database.share,
    createShare: 1,
  };
}

export interface AskedOfOurs {
  db?: DatabaseChoice | undefined;
  broker?: BrokerChoice | undefined;
  concurrency?: number | undefined;
}

/** The ways to run ours that a scenario is about, as far as the command line leaves them. */
export function chooseOurs(
  choices: readonly [OursChoice, ...OursChoice[]],
  { db, broker, concurrency }: AskedOfOurs,
): Contender[] {
  const left = choices.filter(
    (choice) => (db ?? choice.db) === choice.db && (broker ?? choice.broker) === choice.broker,
  );
  const chosen = left.length > 0 ? left : asNamed(choices[0], db, broker);
  return chosen.map((choice) => ours({ concurrency, ...choice }));
}

/** What was asked for by name, though the scenario does not show it by itself. SQLite has no broker. */
function asNamed(first: OursChoice, db = first.db, broker = first.broker): OursChoice[] {
  return [{ ...first, db, broker: db === 'sqlite' ? 'none' : broker }];
}
