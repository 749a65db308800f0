import type { Knex } from 'knex';
import { ConfigError, readProperty } from '../errors/index.js';
import type { RetrySetting } from '../program/effective-policy.js';
import type { DialectChoice } from '../program-handler/index.js';
import type { AmqpSource } from '../queue-manager/index.js';
import { safeLogger, type Logger } from '../telemetry/logger.js';
import type { InterruptionCriteria } from '../program/interruption.js';
import { isAmqpUrl } from './amqp-url.js';
import { checkCriteria } from './interruption.js';
import { isRetention, type RetentionConfig } from './retention.js';
import {
  checkRetry,
  checkSettings,
  anObject,
  isBoolean,
  isFilePath,
  isRetry,
  oneOf,
  wholeNumber,
  withDefaults,
  type Check,
} from './checks.js';

/** What `ProgramExecutor.create` takes; everything has a default. */
export interface ExecutorConfig {
  /**
   * A connected knex, a knex config, or the URL of a database. A connected knex stays the caller's, and is
   * not destroyed by `close`. Left out: a SQLite file at `databasePath`.
   */
  knex?: Knex | Knex.Config | string;
  /** The SQLite file, default './program-executor.sqlite'; only without `knex`. */
  databasePath?: string;
  /** URL or amqplib options of RabbitMQ, or a function that gives them at each attempt to connect. Left out: no broker. */
  amqpUrl?: AmqpSource;
  /** Letters, digits and underscores, at most 37; default 'programs'. The attempts go to `<tableName>_attempts`. */
  tableName?: string;
  /** At most 200 bytes, not beginning with 'amq.'; default 'program-executor'. */
  queueName?: string;
  /** Of the queue where it does not exist yet; default 'quorum'. */
  queueType?: 'quorum' | 'classic';
  /** False where the broker's user may not declare queues; default true. */
  declare?: boolean;
  /** False where the database's user may not change schemas: run `program-executor migrate` instead. Default true. */
  createTable?: boolean;
  /** Most JSON of `programData`, of `jobData`, of `jobs` and of one job's data, in bytes; default 1 MiB. */
  maxPayloadBytes?: number;
  /** When its batches stop by themselves, where they do not say otherwise, key by key; default: never. */
  interruption?: InterruptionCriteria;
  /** 'portable' avoids everything that is special to the database; default 'auto'. */
  dialect?: DialectChoice;
  /** How the workers of this executor retry, where neither they nor the job say otherwise. */
  retry?: RetrySetting;
  /**
   * For how long programs that have ended are kept, with their attempts; default 7 days for finished ones, 30 for
   * errored ones. `false`: for ever.
   */
  retention?: RetentionConfig | false;
  /** Default @emartech/json-logger, whose lines `DEBUG=program-executor*` enables. */
  logger?: Logger;
}

export type CheckedConfig = Readonly<
  Omit<Required<ExecutorConfig>, 'knex' | 'amqpUrl' | 'retry' | 'logger' | 'interruption'> &
    Pick<ExecutorConfig, 'knex' | 'amqpUrl' | 'retry' | 'logger' | 'interruption'>
>;

const DEFAULTS = {
  databasePath: './program-executor.sqlite',
  tableName: 'programs',
  queueName: 'program-executor',
  queueType: 'quorum',
  declare: true,
  createTable: true,
  maxPayloadBytes: 1024 * 1024,
  dialect: 'auto',
  retention: {},
} as const;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The names of indexes are longer by up to 26 characters, and PostgreSQL cuts names at 63. */
const MAX_TABLE_NAME = 37;

const CHECKS: Readonly<Record<keyof ExecutorConfig, Check>> = {
  knex: [
    'a knex instance, a knex config with a client, or a database URL',
    (value) => isText(value) || isKnex(value) || (isObject(value) && 'client' in (value as object)),
  ],
  databasePath: ['the path of a SQLite file', isFilePath],
  amqpUrl: [
    'amqp(s)://…, amqplib connect options, or a function that gives one of them',
    (value) => typeof value === 'function' || isObject(value) || isAmqpUrl(value),
  ],
  tableName: [
    `a letter or underscore, then letters, digits and underscores, ${MAX_TABLE_NAME} characters at most; not sqlite_…`,
    (value) => isText(value) && /^(?!sqlite_)[a-z_]\w*$/i.test(value) && value.length <= MAX_TABLE_NAME,
  ],
  queueName: [
    'a text of 1 to 200 bytes without control characters; not amq.…',
    (value) =>
      isText(value) &&
      Buffer.byteLength(value) <= 200 &&
      value.isWellFormed() &&
      !/^amq\.|\p{Cc}/u.test(value),
  ],
  queueType: oneOf('quorum', 'classic'),
  declare: isBoolean,
  createTable: isBoolean,
  maxPayloadBytes: wholeNumber(1_024, 64 * 1024 * 1024),
  dialect: oneOf('auto', 'portable'),
  interruption: anObject,
  retry: isRetry,
  retention: ['false, or { finishedMs, erroredMs } with milliseconds or false', isRetention],
  logger: [
    'an object with debug, info, warn and error',
    (value) =>
      isObject(value) &&
      ['debug', 'info', 'warn', 'error'].every(
        (level) => typeof Reflect.get(value as object, level) === 'function',
      ),
  ],
};

function isKnex(value: unknown): boolean {
  return (
    typeof value === 'function' && typeof readProperty(readProperty(value, 'client'), 'dialect') === 'string'
  );
}

/** Whether its rows come with the names that columns have: some give them others, for the whole application. */
function keepsNames(knex: ExecutorConfig['knex']): boolean {
  const config = isKnex(knex) ? readProperty(readProperty(knex, 'client'), 'config') : knex;
  const process = readProperty(config, 'postProcessResponse');
  if (typeof process !== 'function') return true;
  const rows: unknown = Reflect.apply(process, config, [[{ run_id: 1 }], undefined]);
  return Array.isArray(rows) && readProperty(rows[0], 'run_id') === 1;
}

/** @throws ConfigError naming the key that is wrong */
export function checkConfig(config: ExecutorConfig): CheckedConfig {
  if (!isObject(config)) throw new ConfigError('config', 'expected an object');
  checkSettings(config, CHECKS);
  if (config.interruption) checkCriteria(config.interruption, 'interruption.');
  checkRetry(config.retry);
  if (!keepsNames(config.knex))
    throw new ConfigError(
      'knex',
      'its postProcessResponse renames columns; give a knex of its own without it',
    );
  if (config.knex !== undefined && config.databasePath !== undefined)
    throw new ConfigError('databasePath', 'is for the embedded mode; leave it out when knex is given');
  const checked = withDefaults<CheckedConfig>({ ...DEFAULTS }, config);
  return checked.logger ? { ...checked, logger: safeLogger(checked.logger) } : checked;
}
