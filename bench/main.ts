/** `npm run bench`: starts the servers that the chosen scenarios need, runs them, shows and keeps the figures. */
import { Interrupted, interruption } from '../test/support/interruption.js';
import { withServers } from '../test/support/servers/with-servers.js';
import { parseOptions } from './cli/options.js';
import { installPeers } from './contenders/install-peers.js';
import { benchContext } from './harness/open-context.js';
import { planOf, serversOf } from './harness/plan.js';
import { runPlan } from './harness/run-plan.js';
import { SCENARIOS } from './scenarios/index.js';

const options = parseOptions(
  process.argv.slice(2),
  SCENARIOS.map(({ name }) => name),
);
const signal = interruption();
try {
  const plan = planOf(SCENARIOS, options);
  if (options.list)
    for (const { scenario } of plan) console.log(`${scenario.name}\n  ${scenario.hypothesis}`);
  else {
    if (options.peers.length > 0 || !options.ownNode) installPeers();
    await withServers(signal, (environment) => runPlan(plan, benchContext(options, environment, signal)), {
      required: serversOf(plan),
      withDocker: [],
    });
  }
} catch (error) {
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
  console.error(error instanceof Error ? error.stack : error);
}
