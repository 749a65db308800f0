import { sqliteDatabases, isEmbeddedOnly, testDatabases, type TestDatabase } from '../support/databases.js';

/** One of the ways in which the contract has to hold. */
export interface Variant {
  readonly name: string;
  readonly database: TestDatabase;
  readonly dialect: 'auto' | 'portable';
  readonly hasBroker: boolean;
}

/** Every database, the portable dialect on two of them, and RabbitMQ beside those that are servers. */
export function variants(): Variant[] {
  const databases = testDatabases().flatMap((database) => withAndWithoutBroker(database, 'auto'));
  return [...databases, ...portableDatabases().flatMap((each) => withAndWithoutBroker(each, 'portable'))];
}

function portableDatabases(): TestDatabase[] {
  const postgres = isEmbeddedOnly() ? [] : testDatabases().filter(({ kind }) => kind === 'postgres');
  return [...postgres, ...sqliteDatabases().slice(0, 1)];
}

/** A file on one machine is for the embedded mode, which has no broker. */
function withAndWithoutBroker(database: TestDatabase, dialect: Variant['dialect']): Variant[] {
  const name = dialect === 'portable' ? `portable dialect on ${database.name}` : database.name;
  const alone: Variant = { name, database, dialect, hasBroker: false };
  if (database.kind === 'sqlite') return [alone];
  return [alone, { ...alone, name: `${name} with RabbitMQ`, hasBroker: true }];
}
