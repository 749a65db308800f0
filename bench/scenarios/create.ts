import type { Contender } from '../contenders/contender.js';
import { oursAndPeers } from '../contenders/ours-and-peers.js';
import type { BenchContext } from '../harness/bench-context.js';
import { interleave } from '../harness/interleave.js';
import { printMeasured } from '../report/progress-line.js';
import { createOnce, type Creation } from './workload/create-once.js';
import type { Scenario, Table } from './scenario.js';

interface Way {
  title: string;
  creation: Creation;
  /** Of the programs of one run of workload W: one after the other takes longer. */
  share: number;
  /** As many for every system: with a part of what is measured, slower ones would be colder. */
  warmUpPrograms: number;
}

const WAYS: Way[] = [
  {
    title: 'Create: one after the other',
    creation: { way: 'create', callers: 1 },
    share: 0.1,
    warmUpPrograms: 500,
  },
  {
    title: 'Create: 50 callers at once',
    creation: { way: 'create', callers: 50 },
    share: 0.4,
    warmUpPrograms: 2_000,
  },
  { title: 'Create: in bulk', creation: { way: 'createBulk' }, share: 2, warmUpPrograms: 10_000 },
];
const QUICK_WARM_UP_SHARE = 0.1;

export const create: Scenario = {
  name: 'create',
  hypothesis:
    'Programs a second: 50 callers at once create at least 3 × what DBOS does, one after the other at least ' +
    '1.5 × DBOS, in bulk at least 1.2 × pg-boss.',
  // A workflow that is started directly is created and run at once, by the same process.
  contenders: (options) => oursAndPeers(options, ['dbos-direct']),
  async run(context, contenders) {
    const tables: Table[] = [];
    for (const way of WAYS) tables.push(await measureWay(context, contenders, way));
    return tables;
  },
};

async function measureWay(
  context: BenchContext,
  contenders: readonly Contender[],
  { title, creation, share, warmUpPrograms }: Way,
): Promise<Table> {
  const { quick, programs } = context.options;
  const warmUp = quick ? warmUpPrograms * QUICK_WARM_UP_SHARE : warmUpPrograms;
  const trials = contenders.map((contender) => {
    const plan = {
      creation,
      programs: Math.ceil(programs * share * contender.createShare),
      warmUpPrograms: warmUp,
    };
    return {
      label: contender.label,
      system: contender.system,
      measure: () => createOnce(context, contender, plan),
    };
  });
  console.log(`  ${title}`);
  const series = await interleave(context, trials, printMeasured('programs/s'));
  return { title, unit: 'programs/s', series };
}
