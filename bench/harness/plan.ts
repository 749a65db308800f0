import type { ServerName } from '../../test/support/servers/description.js';
import type { BenchOptions } from '../cli/options.js';
import type { Contender } from '../contenders/contender.js';
import type { Scenario } from '../scenarios/scenario.js';

export interface PlannedScenario {
  scenario: Scenario;
  contenders: Contender[];
}

/** The scenarios that were asked for, each with those who take part. */
export function planOf(scenarios: readonly Scenario[], options: BenchOptions): PlannedScenario[] {
  const asked = options.scenarios;
  return scenarios
    .filter(({ name }) => asked.length === 0 || asked.includes(name))
    .map((scenario) => ({ scenario, contenders: scenario.contenders(options) }));
}

/** The servers that those who take part need. */
export function serversOf(plan: readonly PlannedScenario[]): ServerName[] {
  return [...new Set(plan.flatMap(({ contenders }) => contenders.flatMap(({ servers }) => servers)))];
}
