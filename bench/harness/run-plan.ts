import type { Contender } from '../contenders/contender.js';
import type { Scenario, Table } from '../scenarios/scenario.js';
import { writePlots } from '../plots/write-plots.js';
import { printTable } from '../report/print-table.js';
import { describeSettings } from '../report/settings.js';
import { writeResults, type ScenarioResult } from '../report/write-results.js';
import type { BenchContext } from './bench-context.js';
import { serversOf, type PlannedScenario } from './plan.js';
import { reportFailure } from './report-failure.js';

/** Runs one scenario after the other; what is measured is kept even when a later one fails. */
export async function runPlan(plan: readonly PlannedScenario[], context: BenchContext): Promise<void> {
  const settings = await describeSettings(context, serversOf(plan));
  console.log(
    Object.entries(settings)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  );
  const results: ScenarioResult[] = [];
  for (const { scenario, contenders } of plan) {
    console.log(`\n${scenario.name}: ${scenario.hypothesis}`);
    const tables = await runScenario(scenario, context, contenders);
    tables.forEach(printTable);
    results.push({ scenario: scenario.name, hypothesis: scenario.hypothesis, tables });
    writeResults(settings, results);
  }
  if (context.options.plots) writePlots(results);
}

async function runScenario(
  scenario: Scenario,
  context: BenchContext,
  contenders: readonly Contender[],
): Promise<Table[]> {
  try {
    return await scenario.run(context, contenders);
  } catch (error) {
    reportFailure(context.signal, scenario.name, error);
    return [];
  }
}
