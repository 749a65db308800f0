import { chooseOurs, ours } from '../contenders/ours.js';
import type { DriverProcess } from '../harness/driver-process.js';
import { measureCircumstances } from './beside.js';
import type { Scenario } from './scenario.js';

const CREATED_AT_ONCE = 20_000;

/** W itself, in the same programs, with more and more to keep count of. */
const CIRCUMSTANCES = [
  { label: 'W alone', special: 'createAlone' },
  { label: 'W in a batch', special: 'createInBatch' },
  { label: 'W in a pool of 100 at once', special: 'createInPool' },
  { label: 'W with 10,000 keys, 1 at once of each', special: 'createWithKeys' },
];

export const limits: Scenario = {
  name: 'limits',
  hypothesis:
    'Programs of a batch are processed at 80 % of the speed of plain ones at least, of a pool with ' +
    'maxParallelism 100 at 60 %, of 10,000 keys that take turns at 50 %.',
  contenders: (options) => chooseOurs([{ db: 'pg', broker: 'rabbitmq' }], options),
  async run(context, contenders) {
    const [contender = ours({ db: 'pg', broker: 'rabbitmq' })] = contenders;
    const circumstances = CIRCUMSTANCES.map(({ label, special }) => {
      const create = (producer: DriverProcess, count: number) => createInChunks(producer, special, count);
      return {
        label,
        plan: { programs: context.options.programs, workers: 1, createdBy: create, warmedUpBy: create },
      };
    });
    return [await measureCircumstances(context, contender, { title: 'Limits', circumstances })];
  },
};

async function createInChunks(producer: DriverProcess, name: string, count: number): Promise<void> {
  for (let left = count; left > 0; left -= CREATED_AT_ONCE)
    await producer.ask('special', { name, argument: Math.min(left, CREATED_AT_ONCE) });
}
