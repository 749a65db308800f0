import type { Knex } from 'knex';

const quietly = () => undefined;
/** knex without a word: a fault is expected to meet its connections. */
export const QUIET: Knex.Config = {
  compileSqlOnError: false,
  log: { warn: quietly, error: quietly, deprecate: quietly, debug: quietly },
};
