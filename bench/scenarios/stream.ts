import type { Elapsed } from '../drivers/commands.js';
import type { Contender } from '../contenders/contender.js';
import { chooseOurs } from '../contenders/ours.js';
import type { BenchContext } from '../harness/bench-context.js';
import { interleave } from '../harness/interleave.js';
import type { Measurement } from '../harness/measurement.js';
import { withSession } from '../harness/session.js';
import { printMeasured } from '../report/progress-line.js';
import type { Scenario } from './scenario.js';
import { describeRss, sampleRss } from './workload/rss-samples.js';

const MANY = 1_000_000;
const QUICK_MANY = 50_000;
const SAMPLE_EVERY_MS = 100;

export const stream: Scenario = {
  name: 'stream',
  hypothesis:
    'One call of createPrograms takes a million programs from an async iterable in memory that does not grow.',
  contenders: (options) => chooseOurs([{ db: 'pg', broker: 'rabbitmq' }], options),
  async run(context, contenders) {
    const trials = contenders.map((contender) => ({
      label: contender.label,
      system: contender.system,
      measure: () => measureStream(context, contender),
    }));
    const series = await interleave(context, trials, printMeasured('programs/s'));
    return [{ title: 'Create: a stream of 1,000,000', unit: 'programs/s', series }];
  },
};

function measureStream(context: BenchContext, contender: Contender): Promise<Measurement> {
  const programs = context.options.quick ? QUICK_MANY : MANY;
  return withSession(context, contender, async (session) => {
    const producer = await session.start('producer');
    await producer.ask('setUp');
    const rss = sampleRss([producer], SAMPLE_EVERY_MS);
    let elapsedMs = 0;
    const cpuMs = await session.cpuMsOf(async () => {
      ({ elapsedMs } = (await producer.ask('special', {
        name: 'createStream',
        argument: programs,
      })) as Elapsed);
    });
    const { producer: samples = [] } = rss.stop();
    return {
      value: (programs * 1_000) / elapsedMs,
      cpuMs,
      programs,
      figures: describeRss('producer', samples),
    };
  });
}
