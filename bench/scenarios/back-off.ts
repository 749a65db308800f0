import { chooseOurs, ours } from '../contenders/ours.js';
import { measureCircumstances } from './beside.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './workload/process-once.js';

const WAITING = 100_000;
const QUICK_WAITING = 2_000;

export const backOff: Scenario = {
  name: 'backoff',
  hypothesis: '100,000 programs in back-off hold nothing: W beside them is less than 5 % slower than alone.',
  contenders: (options) => chooseOurs([{ db: 'pg', broker: 'rabbitmq' }], options),
  async run(context, contenders) {
    const [contender = ours({ db: 'pg', broker: 'rabbitmq' })] = contenders;
    const plan = { programs: context.options.programs, workers: 1 };
    const waiting = context.options.quick ? QUICK_WAITING : WAITING;
    const circumstances = [
      { label: 'W alone', plan },
      {
        label: `W beside ${waiting.toLocaleString('en')} programs in back-off`,
        plan: { ...plan, prepare: (stage: Stage) => letBackOff(stage, waiting) },
      },
    ];
    return [await measureCircumstances(context, contender, { title: 'Back-off', circumstances })];
  },
};

/** Runs them until each has failed once and waits for an hour. */
async function letBackOff({ producer, workers }: Stage, count: number): Promise<void> {
  const [worker = producer] = workers;
  await producer.ask('special', { name: 'createBackingOff', argument: count });
  await worker.ask('startWorker');
  await worker.ask('special', { name: 'waitForRetries', argument: count });
  await worker.ask('stopWorker');
  await worker.ask('resetCounts');
}
