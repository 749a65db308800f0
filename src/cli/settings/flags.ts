import type { Command } from 'commander';

/** What every command understands. */
export interface GlobalFlags {
  config?: string;
  databaseUrl?: string;
  databasePath?: string;
  amqpUrl?: string;
  table?: string;
  queue?: string;
  json?: boolean;
}

/** Adds the flags that stand before or after any command. */
export function addGlobalFlags(program: Command): Command {
  return program
    .option('--config <file>', 'configuration file (default: program-executor.config.{js,mjs,ts} if there)')
    .option('--database-url <url>', 'postgres://, mysql://, mariadb:// or sqlite:path (env: DATABASE_URL)')
    .option('--database-path <file>', 'SQLite file (default: ./program-executor.sqlite)')
    .option('--amqp-url <url>', 'RabbitMQ; none: workers poll (env: AMQP_URL)')
    .option('--table <name>', 'table of the programs (default: programs; env: PE_TABLE)')
    .option('--queue <name>', 'RabbitMQ queue (default: program-executor; env: PE_QUEUE)')
    .option('--json', 'print JSON for programs instead of text for people');
}
