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
    nodePath: process.execPath,
    servers: withBroker ? [...database.servers, 'rabbitmq'] : database.servers,
    options: { db, broker, ...(concurrency !== undefined && { concurrency }) },
    share: database.share,
    createShare: 1,
  };
}

/** The ways to run ours that a scenario is about, as far as the command line leaves them. */
export function chooseOurs(
  choices: readonly OursChoice[],
  asked: { db?: DatabaseChoice | undefined; broker?: BrokerChoice | undefined },
): Contender[] {
  const left = choices.filter(
    ({ db, broker }) => (asked.db ?? db) === db && (asked.broker ?? broker) === broker,
  );
  if (left.length > 0 || asked.db === undefined) return left.map(ours);
  // Asked for by name, though the scenario does not show it by itself.
  return [ours({ db: asked.db, broker: asked.db === 'sqlite' ? 'none' : (asked.broker ?? 'rabbitmq') })];
}
