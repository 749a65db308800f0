import type { Contender } from '../contenders/contender.js';
import type { BenchContext } from '../harness/bench-context.js';
import { interleave, type Trial } from '../harness/interleave.js';
import { printMeasured } from '../report/progress-line.js';
import type { Table } from './scenario.js';
import { processOnce, type ProcessPlan } from './workload/process-once.js';

/** One circumstance under which the same contender is measured. */
export interface Circumstance {
  label: string;
  plan: ProcessPlan;
  /** Jobs in a program where the figure is jobs a second. */
  jobs?: number;
}

/** Measures the same system under several circumstances, in turn; the first is what the others are held against. */
export async function measureCircumstances(
  context: BenchContext,
  contender: Contender,
  table: { title: string; circumstances: readonly Circumstance[] },
): Promise<Table> {
  const inJobs = table.circumstances.some(({ jobs }) => jobs !== undefined);
  const unit = inJobs ? 'jobs/s' : 'programs/s';
  console.log(`  ${table.title}`);
  const trials = table.circumstances.map((circumstance) => trialOf(context, contender, circumstance));
  const series = await interleave(context, trials, printMeasured(unit));
  return { title: `${table.title} (${contender.label})`, unit, series };
}

function trialOf(
  context: BenchContext,
  contender: Contender,
  { label, plan, jobs = 1 }: Circumstance,
): Trial {
  return {
    label,
    system: 'ours',
    async measure() {
      const { value, cpuMs, programs } = await processOnce(context, contender, plan);
      return { value: value * jobs, cpuMs, programs: programs * jobs };
    },
  };
}
