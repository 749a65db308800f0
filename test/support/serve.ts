/** `npm run servers`: the servers of the tests for a developer, until Ctrl-C. */
import { once } from 'node:events';
import { Interrupted, interruption } from './interruption.js';
import { withServers } from './servers/with-servers.js';

const signal = interruption();
// An event that never comes keeps nobody alive.
const keepAlive = setInterval(() => undefined, 60_000);
try {
  await withServers(signal, async (environment) => {
    for (const [name, value] of Object.entries(environment)) console.log(`export ${name}='${value}'`);
    console.error('Servers are up; Ctrl-C stops them.');
    if (!signal.aborted) await once(signal, 'abort');
  });
} catch (error) {
  process.exitCode = 1;
  if (!(error instanceof Interrupted)) console.error(error instanceof Error ? error.message : error);
} finally {
  clearInterval(keepAlive);
}
