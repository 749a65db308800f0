import { messageOf, ProgramExecutorError, readProperty } from '../errors/index.js';

/**
 * What a database error means for who has to write:
 * - `data`: one row of the group is refused, and will be each time;
 * - `transient`: the same statement may well succeed in a moment;
 * - `permanent`: table, column or permission: it fails until somebody changes that;
 * - `destroyed`: the pool is no more, so nothing will ever be written through it.
 */
export type FaultKind = 'data' | 'transient' | 'permanent' | 'destroyed';

export function faultKind(error: unknown): FaultKind {
  const code = readProperty(error, 'code');
  const kind = typeof code === 'string' ? kindOfCode(code) : undefined;
  return kind ?? kindOfMessage(error);
}

/** Whether the statement fails until somebody changes the database or the connection. */
export function isPermanentFault(error: unknown): boolean {
  return faultKind(error) === 'permanent';
}

/** SQLSTATE classes of PostgreSQL; 22 data exception, 23 constraint, 54 program limit. */
const POSTGRES_DATA = /^(22|23|54)[0-9A-Z]{3}$/;
/**
 * Connection, transaction rollback, resources, lock, operator intervention, system error. 25P02: the transaction was
 * refused before, and that one is over when the statement is repeated.
 */
const POSTGRES_TRANSIENT = /^(08|40|53|57|58)[0-9A-Z]{3}$|^55P03$|^25006$|^25P02$/;

const DATA = new Set([
  'ER_DATA_TOO_LONG',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_TRUNCATED_WRONG_VALUE',
  'ER_WARN_DATA_OUT_OF_RANGE',
  'ER_INVALID_JSON_TEXT',
  'ER_INVALID_JSON_TEXT_IN_PARAM',
  'ER_CONSTRAINT_FAILED',
  'ER_CHECK_CONSTRAINT_VIOLATED',
  'ER_BAD_NULL_ERROR',
  'ER_DUP_ENTRY',
  'ER_NET_PACKET_TOO_LARGE',
  'ER_SIGNAL_EXCEPTION',
  'SQLITE_TOOBIG',
  'SQLITE_MISMATCH',
]);

const TRANSIENT = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_CHECKREAD',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_QUERY_INTERRUPTED',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
  'ER_OPTION_PREVENTS_STATEMENT',
]);

function kindOfCode(code: string): FaultKind | undefined {
  if (code === 'PE_CLOSED') return 'destroyed';
  // Of this package: it may name a program, whatever that is called.
  if (code.startsWith('PE_')) return 'permanent';
  if (DATA.has(code) || code.startsWith('SQLITE_CONSTRAINT')) return 'data';
  if (TRANSIENT.has(code) || /^SQLITE_(BUSY|LOCKED|FULL|IOERR|PROTOCOL)/.test(code)) return 'transient';
  if (POSTGRES_DATA.test(code)) return 'data';
  if (POSTGRES_TRANSIENT.test(code)) return 'transient';
  return undefined;
}

/** Drivers report lost connections and exhausted pools with a text only; so does node:sqlite everything. */
const TRANSIENT_MESSAGE =
  /connection (is )?(terminated|closed|ended|lost|in closed state)|connection .*closed|closed the connection|not queryable|timeout acquiring a connection|timeout expired|timeout exceeded when trying to connect|database is locked|database is busy|disk is full|Record has changed since last read/i;
/** Of a caller's knex, after `destroy`; an executor's own refuses with a `ClosedError`. */
const DESTROYED_MESSAGE = /^Unable to acquire a connection$/;
const DATA_MESSAGE = /malformed JSON|constraint failed|string or blob too big/i;

function kindOfMessage(error: unknown): FaultKind {
  const message = messageOf(error);
  if (TRANSIENT_MESSAGE.test(message)) return 'transient';
  if (DESTROYED_MESSAGE.test(message)) return 'destroyed';
  return DATA_MESSAGE.test(message) ? 'data' : 'permanent';
}

/** What may be logged of a database error. */
export function describeFault(error: unknown): { error_code: string; error_message: string } {
  const code = readProperty(error, 'code');
  return {
    error_code: typeof code === 'string' ? code : 'none',
    error_message: withoutStatement(messageOf(error)).slice(0, 200),
  };
}

/** What knex says after its time for a connection, however that was spent: it guesses at a mistake of its caller. */
const NO_CONNECTION = /^Knex: Timeout acquiring a connection/;
/** How errors begin before which knex puts the statement. */
const STATEMENT = /^\s*(?:select|insert|update|delete|with|create|alter|drop|begin|commit|set|pragma)\b/i;

/** What an error says to people: without the statement where it is one of a database. */
export function wordsOf(error: unknown): string {
  const message = messageOf(error);
  if (NO_CONNECTION.test(message)) return 'no connection to the database was made in time';
  const isOfDriver =
    !(error instanceof ProgramExecutorError) && typeof readProperty(error, 'code') === 'string';
  return isOfDriver && STATEMENT.test(message) ? withoutStatement(message) : message;
}

/** The database's own words: knex puts the statement, with its values, before the last dash. */
export function withoutStatement(message: string): string {
  return message.slice(message.lastIndexOf(' - ') + 1).replace(/^- /, '');
}
