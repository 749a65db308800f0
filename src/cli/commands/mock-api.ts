import { Command } from 'commander';
import { startMockServer } from '../../mock-api/mock-server.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { numberOf } from '../number-of.js';
import { print } from '../output.js';
import { stopOnSignals } from '../service/stop-request.js';
import type { GlobalFlags } from '../settings/flags.js';
import { mockServerOf, type MockApiFlags } from '../settings/mock-api.js';
import type { Action } from './action.js';

const ROUTES_HELP = `
Mode multi: POST and DELETE /service/<name> make and remove services, GET and POST /mock/<name> use them.
Mode single: GET and POST / use the one service that the options describe.
It stops on SIGINT (exit code 130), SIGTERM (143) and POST /shutdown (0). The database is not used.`;

/** `mock-api`: a server that stands for other people's APIs, with limits. */
export function mockApiCommand(run: Action): Command {
  return new Command('mock-api')
    .description('run a mock API server with limits, to test against')
    .option('--port <n>', '0: any that is free (default: 19999)', numberOf)
    .option('--host <name>', 'where it listens (default: 127.0.0.1)')
    .option('--mode <mode>', 'multi or single (default: multi)')
    .option('--max-concurrency <n>', 'single: requests at once (default: 10)', numberOf)
    .option('--rate-limit <n>', 'single: requests in a window (default: 100)', numberOf)
    .option('--window-ms <ms>', 'single: length of the window (default: 1000)', numberOf)
    .option('--delay-ms <min,max>', 'single: how long a request takes (default: 10,200)', rangeOf)
    .option('--error-rate <share>', 'single: requests that fail by chance, 0 to 1 (default: 0)', numberOf)
    .option('--error-status <code>', 'single: what they are answered (default: 500)', numberOf)
    .addHelpText('after', ROUTES_HELP)
    .action((_flags, command: Command) => run(() => serve(command)));
}

async function serve(command: Command): Promise<ExitCode> {
  const flags = command.optsWithGlobals<MockApiFlags & GlobalFlags>();
  const config = mockServerOf(flags);
  const { requested } = stopOnSignals();
  const server = await startMockServer(config);
  const { url, port } = server;
  print(flags, () => `mock API at ${url} (mode ${config.mode})`, {
    event: 'listening',
    url,
    port,
    mode: config.mode,
  });
  const signal = await Promise.race([requested, server.stopped]);
  await server.stop();
  return signal === undefined ? EXIT.ok : EXIT[signal];
}

function rangeOf(text: string): number[] {
  return text.split(',').map((part) => numberOf(part));
}
