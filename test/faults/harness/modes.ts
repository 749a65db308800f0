import { testDatabases, type TestDatabase } from '../../support/databases.js';
import { Scenario, type ScenarioOptions } from './scenario.js';

/** A way of running programs that faults are tried in. */
export interface Mode {
  readonly name: string;
  readonly database: TestDatabase;
  readonly hasBroker: boolean;
}

/** PostgreSQL with RabbitMQ, and every other database alone. */
export function modes(): Mode[] {
  return testDatabases().map((database) => {
    const hasBroker = database.kind === 'postgres';
    return { name: hasBroker ? `${database.name} + rabbitmq` : database.name, database, hasBroker };
  });
}

/** A scenario in this mode. */
export function openIn({ database, hasBroker }: Mode, options: ScenarioOptions = {}): Promise<Scenario> {
  return Scenario.open(database, { ...(hasBroker && { broker: true }), ...options });
}
