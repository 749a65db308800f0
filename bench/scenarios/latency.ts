import type { Contender } from '../contenders/contender.js';
import { oursAndPeers } from '../contenders/ours-and-peers.js';
import type { PeerName } from '../contenders/peers.js';
import type { BenchContext } from '../harness/bench-context.js';
import { interleave } from '../harness/interleave.js';
import type { Measurement } from '../harness/measurement.js';
import { withSession } from '../harness/session.js';
import { printMeasured } from '../report/progress-line.js';
import { quantile } from '../statistics/summary.js';
import type { Scenario } from './scenario.js';

const SAMPLES = 500;
const QUICK_SAMPLES = 50;
const EVERY_MS = 20;

/** Processes that have served for a while, and then as idle as those that are measured. */
const WARM_UP = [
  { count: 2_000, everyMs: 2 },
  { count: 50, everyMs: EVERY_MS },
];

/** What one process creates and another runs; durability of every step of Redis makes no difference here. */
const LEFT_OUT: readonly PeerName[] = ['dbos-direct', 'bullmq-always'];

export const latency: Scenario = {
  name: 'latency',
  hypothesis:
    'On an idle system, from the call of create to the first line of the first job: p50 at most 2.2 ms and p99 at ' +
    'most 6 ms on PostgreSQL + RabbitMQ with a producer and a worker process; p50 at most 1 ms on SQLite in one process.',
  contenders: (options) => oursAndPeers(options, LEFT_OUT),
  async run(context, contenders) {
    const trials = contenders.map((contender) => ({
      label: contender.label,
      system: contender.system,
      measure: () => measureLatency(context, contender),
    }));
    const series = await interleave(context, trials, printMeasured('ms (p50)'));
    return [{ title: 'Latency of an idle system: create to first job, p50', unit: 'ms', series }];
  },
};

/** Without a broker, only the process that creates hears of it at once: that is what `embedded` means. */
function measureLatency(context: BenchContext, contender: Contender): Promise<Measurement> {
  return withSession(context, contender, async (session) => {
    const producer = await session.start('producer');
    const worker = contender.options['broker'] === 'none' ? producer : await session.start('worker');
    const samples = context.options.quick ? QUICK_SAMPLES : SAMPLES;
    await producer.ask('setUp');
    await worker.ask('startWorker');
    for (const pace of context.options.quick ? WARM_UP.slice(-1) : WARM_UP)
      await producer.ask('createPaced', pace);
    await worker.ask('resetCounts');
    const cpuMs = await session.cpuMsOf(async () => {
      await producer.ask('createPaced', { count: samples, everyMs: EVERY_MS });
    });
    const latenciesMs = await worker.ask('latencies');
    return { ...describe(latenciesMs), cpuMs, programs: samples };
  });
}

function describe(latenciesMs: readonly number[]): Pick<Measurement, 'value' | 'figures' | 'distribution'> {
  const at = (share: number): number => quantile(latenciesMs, share);
  return {
    value: at(0.5),
    figures: { 'p90 ms': at(0.9), 'p99 ms': at(0.99), 'max ms': at(1), samples: latenciesMs.length },
    distribution: Array.from({ length: 101 }, (_, percent) => at(percent / 100)),
  };
}
