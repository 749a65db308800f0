/** `npm test`: starts the servers, runs mocha with the arguments given, stops the servers. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { Interrupted, interruption } from './interruption.js';
import { mochaArguments } from './mocha-arguments.js';
import { withServers } from './servers/with-servers.js';

const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

async function runMocha(environment: Record<string, string>, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const args = mochaArguments(process.argv.slice(2), Boolean(process.env['CI']));
  const child = spawn(process.execPath, ['--enable-source-maps', MOCHA, ...args], {
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  const stopChild = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stopChild, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killer) => {
      resolve(code ?? 128 + constants.signals[killer ?? 'SIGTERM']);
    });
  });
}

const signal = interruption();
try {
  const startedAt = performance.now();
  process.exitCode = await withServers(signal, (environment) => {
    console.log(`Servers are up after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    return runMocha(environment, signal);
  });
} catch (error) {
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
  console.error(error instanceof Error ? error.message : error);
}
if (signal.aborted) process.exitCode = (signal.reason as Interrupted).exitCode;
