import { knexConfigFromUrl } from '../../config/database-url.js';
import type { ExecutorConfig } from '../../config/index.js';
import { ConfigError } from '../../errors/index.js';
import type { ConfigFile } from './config-file.js';
import type { GlobalFlags } from './flags.js';

export interface Sources {
  readonly file: ConfigFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: GlobalFlags;
}

/**
 * The executor's configuration: a flag wins over the environment, which wins over the file.
 * A database is one setting, whether it is given as a URL, a path or a knex.
 */
export function resolveConfig({ file, env, flags }: Sources): ExecutorConfig {
  const { worker: _, ...fromFile } = file;
  return override(override(fromFile, fromEnvironment(environmentFor(flags, env))), fromFlags(flags));
}

function override(lower: ExecutorConfig, higher: ExecutorConfig): ExecutorConfig {
  const { knex: _knex, databasePath: _path, ...others } = lower;
  const namesDatabase = 'knex' in higher || 'databasePath' in higher;
  return { ...(namesDatabase ? others : lower), ...higher };
}

/** The environment that counts: a database that flags replace may be of a kind that is unknown here. */
function environmentFor({ databaseUrl, databasePath }: GlobalFlags, env: Sources['env']): Sources['env'] {
  return databaseUrl === undefined && databasePath === undefined ? env : { ...env, DATABASE_URL: undefined };
}

/** An empty variable counts as none, as compose files and CI systems produce such. */
function fromEnvironment(env: Sources['env']): ExecutorConfig {
  return settings({
    database: env['DATABASE_URL'] ? knexConfigFromUrl(env['DATABASE_URL'], 'DATABASE_URL') : {},
    amqpUrl: env['AMQP_URL'] || undefined,
    tableName: env['PE_TABLE'] || undefined,
    queueName: env['PE_QUEUE'] || undefined,
  });
}

function fromFlags({ databaseUrl, databasePath, amqpUrl, table, queue }: GlobalFlags): ExecutorConfig {
  if (databaseUrl !== undefined && databasePath !== undefined)
    throw new ConfigError('--database-path', 'give either this or --database-url');
  if (databasePath?.includes('://'))
    throw new ConfigError('--database-path', 'expected a file: use --database-url for a URL');
  const ofPath = databasePath === undefined ? {} : { databasePath };
  const database = databaseUrl === undefined ? ofPath : knexConfigFromUrl(databaseUrl, '--database-url');
  return settings({ database, amqpUrl, tableName: table, queueName: queue });
}

interface Given {
  database: Pick<ExecutorConfig, 'knex' | 'databasePath'>;
  amqpUrl: string | undefined;
  tableName: string | undefined;
  queueName: string | undefined;
}

function settings({ database, amqpUrl, tableName, queueName }: Given): ExecutorConfig {
  return {
    ...database,
    ...(amqpUrl !== undefined && { amqpUrl }),
    ...(tableName !== undefined && { tableName }),
    ...(queueName !== undefined && { queueName }),
  };
}
