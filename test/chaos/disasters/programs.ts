import type { Disaster } from './disaster.js';

/** What operators do to programs while they run. */
export const PROGRAM_DISASTERS: readonly Disaster[] = [
  {
    name: 'a program is cancelled by hand',
    strike: async ({ programs, cancelled, knex, table }, random) => {
      const runId = random.pick([...programs.keys()]);
      cancelled.add(runId);
      const running = knex(table).where({ run_id: runId, finished_at: null, errored_at: null });
      await running.update({ errored_at: knex.fn.now(), error_message: 'Cancelled by hand' }).catch(() => 0);
      return runId;
    },
  },
  {
    name: 'a program is cancelled',
    strike: async ({ programs, cancelled, executor }, random) => {
      const runId = random.pick([...programs.keys()]);
      cancelled.add(runId);
      await executor.cancelProgram(runId).catch(() => false);
      return runId;
    },
  },
];
