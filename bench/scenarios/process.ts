import { chooseOurs, type OursChoice } from '../contenders/ours.js';
import { peer } from '../contenders/peers.js';
import type { Contender } from '../contenders/contender.js';
import type { DriverProcess } from '../harness/driver-process.js';
import { interleave } from '../harness/interleave.js';
import { printMeasured } from '../report/progress-line.js';
import { processOnce, type ProcessPlan } from './workload/process-once.js';
import type { Scenario } from './scenario.js';

const OURS: [OursChoice, ...OursChoice[]] = [
  { db: 'pg', broker: 'rabbitmq' },
  { db: 'pg', broker: 'none' },
  { db: 'mariadb', broker: 'rabbitmq' },
  { db: 'sqlite', broker: 'none' },
];

interface Variant {
  suffix: string;
  change: Partial<ProcessPlan>;
}

/** The backlog of every system is made in bulk; ours on all servers has it from 50 callers as well. */
function variantsOf({ options }: Contender): Variant[] {
  const plain = { suffix: '', change: {} };
  if (options['db'] !== 'pg' || options['broker'] !== 'rabbitmq') return [plain];
  return [
    plain,
    { suffix: ', two workers', change: { workers: 2 } },
    { suffix: ', each rung for', change: { createdBy: createOneByOne } },
  ];
}

function createOneByOne(producer: DriverProcess, count: number): Promise<unknown> {
  return producer.ask('create', { count, callers: 50 });
}

export const process: Scenario = {
  name: 'process',
  hypothesis:
    'One worker on PostgreSQL + RabbitMQ finishes at least 1.5 × the programs of pg-boss, 1.0 × BullMQ (AOF each ' +
    'second) and 20 × DBOS; MariaDB at least half of PostgreSQL, SQLite at least 1.5 ×, PostgreSQL without a ' +
    'broker no less than with it, two workers no less than one.',
  contenders: (options) => [...chooseOurs(OURS, options), ...options.peers.map(peer)],
  async run(context, contenders) {
    const { programs } = context.options;
    const trials = contenders.flatMap((contender) => {
      const plan = { programs: Math.ceil(programs * contender.share), workers: 1 };
      return variantsOf(contender).map(({ suffix, change }) => ({
        label: contender.label + suffix,
        system: contender.system,
        measure: () => processOnce(context, contender, { ...plan, ...change }),
      }));
    });
    const series = await interleave(context, trials, printMeasured('programs/s'));
    return [{ title: 'Process W: waiting programs of 3 jobs', unit: 'programs/s', series }];
  },
};
