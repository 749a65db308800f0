import type { Recipe } from './recipe.js';

/**
 * The servers of one run. `mariadb` is behind `PE_TEST_MYSQL_URL`, `mysql` behind `PE_TEST_MYSQL8_URL`; `redis` is
 * for the benchmark's peers only.
 */
export type ServerName = 'postgres' | 'mariadb' | 'mysql' | 'rabbitmq' | 'redis';

/** Where a server comes from, with what it takes to stop and start it from any process of the run. */
export type ServerOrigin =
  | { from: 'environment' }
  | { from: 'docker'; compose: ComposeProject; service: ServerName }
  | { from: 'local'; recipe: Recipe };

export interface ComposeProject {
  file: string;
  project: string;
  /** The port variables of the compose file. */
  environment: Record<string, string>;
}

export interface RunningServer {
  url: string;
  origin: ServerOrigin;
}

export type RunningServers = Partial<Record<ServerName, RunningServer>>;

/** The environment variable that holds a server's URL. */
export const URL_VARIABLES: Record<ServerName, string> = {
  postgres: 'PE_TEST_PG_URL',
  mariadb: 'PE_TEST_MYSQL_URL',
  mysql: 'PE_TEST_MYSQL8_URL',
  rabbitmq: 'PE_TEST_AMQP_URL',
  redis: 'PE_TEST_REDIS_URL',
};

const DESCRIPTION_VARIABLE = 'PE_TEST_SERVERS';

/** The variables that tell child processes about the servers; written by the runner only. */
export function toEnvironment(servers: RunningServers): Record<string, string> {
  const urls = Object.entries(servers).map(([name, { url }]) => [URL_VARIABLES[name as ServerName], url]);
  return { ...Object.fromEntries(urls), [DESCRIPTION_VARIABLE]: JSON.stringify(servers) };
}

/** What the runner wrote; read by tests. */
export function fromEnvironment(): RunningServers {
  const text = process.env[DESCRIPTION_VARIABLE];
  if (!text) throw new Error('No servers were started: run the tests with `npm test`');
  return JSON.parse(text) as RunningServers;
}
