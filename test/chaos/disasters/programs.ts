import { dieCreating } from '../../faults/harness/creator.js';
import { inputOf } from '../programs.js';
import { last, type Disaster } from './disaster.js';

const CREATOR_DEATHS = ['before insert', 'before commit', 'after insert', 'before publish'] as const;

class RolledBack extends Error {}

/** What people do to programs while they run, and to their creation. */
export const PROGRAM_DISASTERS: readonly Disaster[] = [
  {
    name: 'a program is cancelled by hand',
    strike: async ({ programs, knex, table }, random) => {
      const runId = programs.any(random);
      programs.cancelled.add(runId);
      const running = knex(table).where({ run_id: runId, finished_at: null, errored_at: null });
      await running.update({ errored_at: knex.fn.now(), error_message: 'Cancelled by hand' });
      return runId;
    },
  },
  {
    name: 'a program is cancelled',
    strike: async ({ programs, executor }, random) => {
      const runId = programs.any(random);
      programs.cancelled.add(runId);
      await executor.cancelProgram(runId);
      return runId;
    },
  },
  {
    name: 'a program is taken from its worker by hand',
    strike: async ({ programs, knex, table }, random) => {
      const runId = programs.any(random);
      const running = knex(table).where({ run_id: runId, finished_at: null, errored_at: null });
      await running.update({ claimed_by: null, claimed_until: null });
      return runId;
    },
  },
  {
    name: 'a program is deleted by hand',
    strike: async ({ programs, knex, table }, random) => {
      const runId = programs.any(random);
      programs.deleted.add(runId);
      await knex(table).where('run_id', runId).delete();
      return runId;
    },
  },
  {
    name: 'the creator of a program dies, and another one repeats its call',
    strike: async ({ programs, ways, table, queue }, random) => {
      const draft = programs.draft(random);
      const dieAt = random.pick(CREATOR_DEATHS);
      const config = { ...ways.creators, tableName: table, queueName: queue, createTable: false };
      try {
        await dieCreating({ config, runId: draft.runId, dieAt, program: inputOf(draft) });
      } finally {
        await programs.commit(draft);
      }
      return dieAt;
    },
  },
  {
    name: 'a program is created in a transaction that ends late',
    strike: async ({ programs, knex }, random) => {
      const draft = programs.draft(random);
      const isKept = random.chance(0.5);
      const creating = knex.transaction(async (trx) => {
        await programs.createWithin(trx, draft);
        await last([100, 3_000], random);
        if (!isKept) throw new RolledBack();
      });
      const error: unknown = await creating.catch((cause: unknown) => cause);
      if (error instanceof RolledBack) return 'and rolls back';
      // Where it failed, nobody knows whether it was committed.
      await programs.commit(draft);
      return 'and commits';
    },
  },
];
