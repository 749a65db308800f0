#!/usr/bin/env node
import { EXIT, exitCodeOf, type ExitCode } from './exit-code.js';
import { packageVersion } from '../package-version.js';
import { noticeLostOutput } from './lost-output.js';
import { buildProgram } from './program.js';
import { reportError } from './report-error.js';
import { databaseAsFlag } from './settings/database-argument.js';

const args = process.argv.slice(2);

async function main(): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = buildProgram(packageVersion(), async (work) => {
    exitCode = await work();
  });
  try {
    if (args.length === 0) program.help();
    await program.parseAsync(databaseAsFlag(args, program), { from: 'user' });
    return exitCode;
  } catch (error) {
    reportError(error, { json: args.includes('--json') });
    return exitCodeOf(error);
  }
}

noticeLostOutput();
// A knex of the configuration file, or a user's timer, would keep the process alive.
process.exit(await main());
