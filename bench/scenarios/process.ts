import { chooseOurs, type OursChoice } from '../contenders/ours.js';
import { peer } from '../contenders/peers.js';
import { interleave } from '../harness/interleave.js';
import { printMeasured } from '../report/progress-line.js';
import { processOnce } from './workload/process-once.js';
import type { Scenario } from './scenario.js';

const OURS: [OursChoice, ...OursChoice[]] = [
  { db: 'pg', broker: 'rabbitmq' },
  { db: 'pg', broker: 'none' },
  { db: 'mariadb', broker: 'rabbitmq' },
  { db: 'sqlite', broker: 'none' },
];

export const process: Scenario = {
  name: 'process',
  hypothesis:
    'One worker on PostgreSQL + RabbitMQ finishes at least 1.5 × the programs of pg-boss, 1.0 × BullMQ (AOF each ' +
    'second) and 20 × DBOS; MariaDB at least half of PostgreSQL, SQLite at least 1.5 ×, PostgreSQL without a ' +
    'broker no less than with it, two workers no less than one.',
  contenders: (options) => [...chooseOurs(OURS, options), ...options.peers.map(peer)],
  async run(context, contenders) {
    const { runs, programs } = context.options;
    const trials = contenders.flatMap((contender) => {
      const count = Math.ceil(programs * contender.share);
      const one = {
        label: contender.label,
        system: contender.system,
        measure: () => processOnce(context, contender, { programs: count, workers: 1 }),
      };
      const hasTwo = contender.options['db'] === 'pg' && contender.options['broker'] === 'rabbitmq';
      const two = {
        ...one,
        label: `${contender.label}, two workers`,
        measure: () => processOnce(context, contender, { programs: count, workers: 2 }),
      };
      return hasTwo ? [one, two] : [one];
    });
    const series = await interleave(trials, runs, printMeasured('programs/s'));
    return [{ title: 'Process W: waiting programs of 3 jobs', unit: 'programs/s', series }];
  },
};
