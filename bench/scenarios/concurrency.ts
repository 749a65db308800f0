import { chooseOurs } from '../contenders/ours.js';
import { interleave } from '../harness/interleave.js';
import { printMeasured } from '../report/progress-line.js';
import type { Scenario } from './scenario.js';
import { processOnce } from './workload/process-once.js';

const LIMITS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
/** A run with few programs under way takes its time from the round trips alone: fewer programs show as much. */
const FULL_FROM = 100;

export const concurrency: Scenario = {
  name: 'concurrency',
  hypothesis:
    'Throughput grows with the programs under way, since one commit serves all that wait for it, and flattens ' +
    'where the machine is busy; it does not fall up to 1,000.',
  contenders: (options) =>
    LIMITS.flatMap((limit) =>
      chooseOurs(
        [
          { db: 'pg', broker: 'rabbitmq', concurrency: limit },
          { db: 'sqlite', broker: 'none', concurrency: limit },
        ],
        options,
      ),
    ),
  async run(context, contenders) {
    const trials = contenders.map((contender) => {
      const limit = Number(contender.options['concurrency'] ?? FULL_FROM);
      const programs = Math.ceil(context.options.programs * Math.min(1, (limit + 2) / FULL_FROM));
      return {
        label: contender.label,
        system: contender.system,
        measure: () => processOnce(context, contender, { programs, workers: 1 }),
      };
    });
    const series = await interleave(context, trials, printMeasured('programs/s'));
    return [{ title: 'Process W by concurrency', unit: 'programs/s', series, isComparison: false }];
  },
};
