import { setTimeout as delay } from 'node:timers/promises';
import type { Contender } from '../contenders/contender.js';
import { chooseOurs, type OursChoice } from '../contenders/ours.js';
import type { BenchContext } from '../harness/bench-context.js';
import { interleave, type Trial } from '../harness/interleave.js';
import type { Measurement } from '../harness/measurement.js';
import { withSession } from '../harness/session.js';
import { printMeasured } from '../report/progress-line.js';
import type { Scenario } from './scenario.js';
import { transactionsSoFar } from './workload/transactions.js';

const WINDOW_MS = 60_000;
const QUICK_WINDOW_MS = 5_000;
/** After its start a worker looks around; what it did then is in the server's statistics after a second or so. */
const SETTLE_MS = 8_000;
const FLEET = 100;

const OURS: [OursChoice, ...OursChoice[]] = [
  { db: 'pg', broker: 'rabbitmq' },
  { db: 'pg', broker: 'none' },
];

export const idle: Scenario = {
  name: 'idle',
  hypothesis:
    'A worker with nothing to do sends at most 12 statements a minute with RabbitMQ and takes less than 1 % of a ' +
    'core; 100 of them (in one process here) send a hundred times as much.',
  contenders: (options) => chooseOurs(OURS, { ...options, db: 'pg' }),
  async run(context, contenders) {
    const trials = [0, 1, FLEET].flatMap((workers) =>
      contenders.map((contender) => trialOf(context, contender, workers)),
    );
    // Nothing varies here but the share that a minute's edge cuts off.
    const series = await interleave(context, trials, printMeasured('transactions/min'), 1);
    return [{ title: 'Idle: transactions of the database in a minute', unit: 'transactions/min', series }];
  },
};

function trialOf(context: BenchContext, contender: Contender, workers: number): Trial {
  return {
    label: `${contender.label}, ${workers === 0 ? 'no worker' : workers === 1 ? '1 worker' : `${workers} workers`}`,
    system: contender.system,
    measure: () => measureIdle(context, contender, workers),
  };
}

function measureIdle(context: BenchContext, contender: Contender, workers: number): Promise<Measurement> {
  const windowMs = context.options.quick ? QUICK_WINDOW_MS : WINDOW_MS;
  return withSession(context, contender, async (session) => {
    const worker = await session.start(workers > 1 ? 'workers' : 'worker');
    await worker.ask('setUp');
    await worker.ask('special', { name: 'startIdleWorkers', argument: workers });
    await delay(SETTLE_MS, undefined, { signal: context.signal });
    const url = context.urls['postgres'] ?? '';
    const before = await transactionsSoFar(url);
    const cpuMs = await session.cpuMsOf(() => delay(windowMs, undefined, { signal: context.signal }));
    const transactions = (await transactionsSoFar(url)) - before;
    await worker.ask('special', { name: 'closeIdleWorkers', argument: workers });
    return {
      value: (transactions * 60_000) / windowMs,
      cpuMs: {},
      programs: 0,
      figures: shares(cpuMs, windowMs),
    };
  });
}

function shares(cpuMs: Readonly<Record<string, number>>, windowMs: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(cpuMs).map(([name, ms]) => [`${name} % of a core`, (ms * 100) / windowMs]),
  );
}
