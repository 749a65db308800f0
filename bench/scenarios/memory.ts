import type { Contender } from '../contenders/contender.js';
import { chooseOurs } from '../contenders/ours.js';
import type { BenchContext } from '../harness/bench-context.js';
import { interleave } from '../harness/interleave.js';
import type { Measurement } from '../harness/measurement.js';
import { withSession } from '../harness/session.js';
import { printMeasured } from '../report/progress-line.js';
import type { Scenario } from './scenario.js';
import { keepBusy } from './workload/keep-busy.js';
import { describeRss, sampleRss } from './workload/rss-samples.js';

const SAMPLE_EVERY_MS = 1_000;

export const memory: Scenario = {
  name: 'memory',
  hypothesis: 'At full speed, worker and producer stay under 200 MB and do not grow.',
  contenders: (options) => chooseOurs([{ db: 'pg', broker: 'rabbitmq' }], options),
  async run(context, contenders) {
    const trials = contenders.map((contender) => ({
      label: contender.label,
      system: contender.system,
      measure: () => measureMemory(context, contender),
    }));
    // One long run says more about growth than three short ones.
    const series = await interleave(context, trials, printMeasured('programs/s'), 1);
    return [
      { title: `Memory in ${context.options.minutes} minutes at full speed`, unit: 'programs/s', series },
    ];
  },
};

function measureMemory(context: BenchContext, contender: Contender): Promise<Measurement> {
  const forMs = context.options.minutes * 60_000;
  return withSession(context, contender, async (session) => {
    const producer = await session.start('producer');
    await producer.ask('setUp');
    const worker = await session.start('worker');
    await worker.ask('startWorker');
    const rss = sampleRss([producer, worker], SAMPLE_EVERY_MS);
    let programs = 0;
    const cpuMs = await session.cpuMsOf(async () => {
      programs = await keepBusy(producer, worker, forMs, context.signal);
    });
    const figures = Object.entries(rss.stop()).map(([role, samples]) => describeRss(role, samples));
    return {
      value: (programs * 1_000) / forMs,
      cpuMs,
      programs,
      figures: Object.assign({}, ...figures) as Record<string, number>,
    };
  });
}
