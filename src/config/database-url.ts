import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import { ConfigError } from '../errors/catalogue.js';
import { isDecodable, isFilePath } from './checks.js';

/** Where a database URL leads: to a server, as knex takes it, or to a SQLite file. */
export type DatabaseTarget = { readonly knex: Knex.Config } | { readonly databasePath: string };

const CLIENTS: Readonly<Record<string, string>> = {
  'postgres:': 'pg',
  'postgresql:': 'pg',
  'mysql:': 'mysql2',
  'mariadb:': 'mysql2',
};

const EXPECTATION =
  'expected postgres://user:password@host:port/database, the same with mysql:// or mariadb://, or sqlite:path';

/**
 * Reads postgres://, postgresql://, mysql://, mariadb:// URLs, and `sqlite:path` or `file:path`.
 * @param key the setting the URL came from, as errors name it
 * @throws ConfigError which does not repeat the URL, as that holds a password
 */
export function knexConfigFromUrl(url: string, key = 'DATABASE_URL'): DatabaseTarget {
  if (/^(?:sqlite|file):/i.test(url)) return { databasePath: sqlitePath(url, key) };
  const { protocol, hostname, pathname, username, password, searchParams } = parse(url, key);
  const client = Object.hasOwn(CLIENTS, protocol) ? CLIENTS[protocol] : undefined;
  if (!client) throw new ConfigError(key, `unknown kind of database; ${EXPECTATION}`);
  if (!hostname && client !== 'pg') throw new ConfigError(key, `the host is missing; ${EXPECTATION}`);
  if (!/^\/[^/]+$/.test(pathname)) throw new ConfigError(key, `the database name is missing; ${EXPECTATION}`);
  if (![username, password, pathname].every(isDecodable))
    throw new ConfigError(key, 'a % in it begins no escape; write a % itself as %25');
  if (client !== 'pg') return { knex: { client, connection: url } };
  return { knex: { client, connection: pipelined(url, searchParams.getAll('pipeline'), key) } };
}

/** pg then sends a statement without waiting for the answer to the one before; any text would turn that on. */
function pipelined(url: string, given: readonly string[], key: string): string {
  if (!given.every((value) => value === 'true' || value === 'false'))
    throw new ConfigError(key, 'pipeline must be true or false');
  const last = given.at(-1);
  if (last === 'false') return withoutParameter(url, 'pipeline');
  if (last === 'true') return url;
  return `${url}${url.includes('?') ? '&' : '?'}pipeline=true`;
}

/** All else stays as it was written. */
function withoutParameter(url: string, name: string): string {
  const [address = '', ...query] = url.split('?');
  const others = query
    .join('?')
    .split('&')
    .filter((parameter) => !new URLSearchParams(parameter).has(name));
  return others.length > 0 ? `${address}?${others.join('&')}` : address;
}

function parse(url: string, key: string): URL {
  try {
    return new URL(url);
  } catch {
    // The caught error is not kept as the cause: it repeats the URL.
    throw new ConfigError(key, `not a URL; ${EXPECTATION}`);
  }
}

/** `sqlite:./a`, `sqlite:/a`, `sqlite:///a` and `file:///a` are all in use. */
function sqlitePath(url: string, key: string): string {
  const path = url.slice(url.indexOf(':') + 1);
  if (path.includes('?')) throw new ConfigError(key, 'a SQLite path takes no parameters');
  const file = path.startsWith('//') ? withoutAuthority(url, path, key) : path;
  if (!isFilePath(file)) throw new ConfigError(key, 'the path of the SQLite file is missing, or holds NUL');
  return file;
}

function withoutAuthority(url: string, path: string, key: string): string {
  if (!/^file:/i.test(url)) return path.slice(2);
  try {
    return fileURLToPath(url);
  } catch {
    throw new ConfigError(key, 'expected file:///absolute/path or file:relative/path');
  }
}
