import { expect } from 'chai';
import type { ZodType } from 'zod';
import { testDatabases, isEmbeddedOnly, type TestDatabase } from '../support/databases.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { URL_VARIABLES } from '../support/servers/description.js';
import { BatchRows } from './batch-rows.js';
import { runCli, type CliResult } from './run-cli.js';

/** Databases as the command line names them: every server, and a SQLite file. */
export function cliDatabases(): TestDatabase[] {
  const databases = testDatabases();
  const servers = databases.filter(({ server }) => server !== undefined);
  return [
    ...(isEmbeddedOnly() ? [] : servers),
    ...databases.filter(({ kind }) => kind === 'sqlite').slice(0, 1),
  ];
}

/** The compiled command line on tables of its own. */
export class CliOn {
  readonly rows: BatchRows;
  /** The URL, or the path of the file. */
  readonly address: string;

  constructor(database: TestDatabase) {
    const config = database.createKnexConfig();
    this.rows = new BatchRows(config, database.kind, database.uniqueTable());
    this.address = database.server
      ? (process.env[URL_VARIABLES[database.server]] ?? '')
      : (config.connection as { filename: string }).filename;
  }

  /** The arguments of a command, with its database after its name. */
  args(command: string, ...rest: readonly string[]): string[] {
    return [command, this.address, ...rest, '--table', this.rows.table];
  }

  run(command: string, ...rest: readonly string[]): Promise<CliResult> {
    return runCli(this.args(command, ...rest), { cwd: temporaryFolder() });
  }

  /** What it prints to stdout; fails where that is not all. */
  async text(command: string, ...rest: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, ...rest);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    return stdout;
  }

  /** What it prints with `--json`, as the schema has it. */
  async json<T>(schema: ZodType<T>, command: string, ...rest: readonly string[]): Promise<T> {
    const text = await this.text(command, ...rest, '--json');
    return schema.parse(JSON.parse(text));
  }
}
