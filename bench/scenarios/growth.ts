import { chooseOurs, ours } from '../contenders/ours.js';
import type { BenchContext } from '../harness/bench-context.js';
import { measureCircumstances, type Circumstance } from './beside.js';
import type { Scenario } from './scenario.js';
import { addFinishedRows } from './workload/finished-rows.js';

const MANY = 1_000_000;
const QUICK_MANY = 20_000;
const FEW = 10_000;
const CHECKPOINTING_PROGRAMS = 4;
/** The same number under way, so that only their length differs. */
const LENGTH_CONCURRENCY = 200;

export const growth: Scenario = {
  name: 'growth',
  hypothesis:
    'A million finished programs in the table cost less than 10 %; a backlog of a million against 10,000 less than ' +
    '15 %; a job of a program of 1,000 costs what one of 3 does, ± 20 %; 100 KB of job data at each checkpoint ' +
    'slow the programs beside them by no more than their bytes explain.',
  contenders: (options) => chooseOurs([{ db: 'pg', broker: 'rabbitmq' }], { ...options, db: 'pg' }),
  async run(context, contenders) {
    const [contender = ours({ db: 'pg', broker: 'rabbitmq' })] = contenders;
    const withLimit = ours({ db: 'pg', broker: 'rabbitmq', concurrency: LENGTH_CONCURRENCY });
    return [
      await measureCircumstances(context, contender, {
        title: 'Finished rows',
        circumstances: finished(context),
      }),
      await measureCircumstances(context, contender, { title: 'Backlog', circumstances: backlog(context) }),
      await measureCircumstances(context, withLimit, { title: 'Length', circumstances: lengths(context) }),
      await measureCircumstances(context, contender, {
        title: 'Checkpoints',
        circumstances: checkpoints(context),
      }),
    ];
  },
};

const manyOf = ({ options }: BenchContext): number => (options.quick ? QUICK_MANY : MANY);

function finished(context: BenchContext): Circumstance[] {
  const plan = { programs: context.options.programs, workers: 1 };
  const many = manyOf(context);
  return [
    { label: 'an empty table', plan },
    {
      label: `${many.toLocaleString('en')} finished programs`,
      plan: { ...plan, prepare: ({ session }) => addFinishedRows(session.settings, many) },
    },
  ];
}

function backlog(context: BenchContext): Circumstance[] {
  const many = manyOf(context);
  const programs = Math.min(context.options.programs, many);
  return [
    { label: `${FEW.toLocaleString('en')} waiting`, plan: { programs: FEW, workers: 1 } },
    {
      label: `${many.toLocaleString('en')} waiting, the first ${programs.toLocaleString('en')}`,
      plan: { programs, workers: 1, backlog: many - programs },
    },
  ];
}

function lengths({ options }: BenchContext): Circumstance[] {
  const long = options.quick ? LENGTH_CONCURRENCY / 10 : LENGTH_CONCURRENCY;
  return [
    { label: 'programs of 3 jobs', jobs: 3, plan: { programs: options.programs, workers: 1 } },
    {
      label: 'programs of 1,000 jobs',
      jobs: 1_000,
      plan: {
        programs: long,
        workers: 1,
        warmUpPrograms: options.programs / 10,
        createdBy: (producer) => producer.ask('special', { name: 'createLong', argument: long }),
      },
    },
  ];
}

function checkpoints({ options }: BenchContext): Circumstance[] {
  const plan = { programs: options.programs, workers: 1 };
  return [
    { label: 'W alone', plan },
    {
      label: `W beside ${CHECKPOINTING_PROGRAMS} programs that save 100 KB over and over`,
      plan: {
        ...plan,
        prepare: async ({ producer }) => {
          await producer.ask('special', { name: 'createCheckpointing', argument: CHECKPOINTING_PROGRAMS });
        },
      },
    },
  ];
}
