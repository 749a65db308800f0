import { expect } from 'chai';
import { tell } from '../harness/account.js';
import { atOnce } from '../harness/at-once.js';
import { modes, type Mode } from '../harness/modes.js';
import { Scenario } from '../harness/scenario.js';

/** PE_CANCEL_ALL=100000 for the whole of it. */
const PROGRAMS = Number(process.env['PE_CANCEL_ALL'] ?? 10_000);
const LATER = 20;
const MODES = modes();
const DEADLINE_MS = 120_000;

/** Programs that two workers run are cancelled, and others are created after them. */
async function cancelWhileTheyRun({ database, hasBroker }: Mode) {
  const scenario = new Scenario(database, { ...(hasBroker && { broker: true }) });
  const { executor } = scenario;
  await executor.migrate();
  await executor.createPrograms(Array.from({ length: PROGRAMS }, () => ({ jobs: ['first'] })));
  await Promise.all([scenario.crew.start(), scenario.crew.start()]);
  await scenario.ended(1, DEADLINE_MS);
  const startedAtMs = performance.now();
  const count = await executor.cancelAll({ reason: 'all of it was wrong' });
  const tookMs = performance.now() - startedAtMs;
  const runIds = Array.from({ length: LATER }, (_, index) => `later ${index}`);
  for (const runId of runIds) await executor.createProgram({ jobs: ['first'] }, { runId });
  await scenario.ended(PROGRAMS + LATER, DEADLINE_MS);
  return { scenario, count, runIds, tookMs };
}

async function countEnds({ knex, table }: Scenario) {
  const [row] = await knex(table)
    .count({ finished: 'finished_at', errored: 'errored_at', cancelled: 'cancelled_at' })
    .select(
      knex.raw(
        'sum(case when finished_at is not null and errored_at is not null then 1 else 0 end) as twice',
      ),
    );
  return Object.fromEntries(Object.entries(row as object).map(([name, count]) => [name, Number(count)]));
}

describe('Faults, running: all programs are cancelled while they run', function () {
  this.timeout(180_000);
  after(() => Scenario.closeAll());
  const run = atOnce(MODES, cancelWhileTheyRun);

  for (const mode of MODES)
    it(`each ends once, finished or cancelled; what is created later finishes, on ${mode.name}`, async () => {
      const { scenario, count, runIds, tookMs } = await run(mode);
      tell(`${count} of ${PROGRAMS} cancelled in ${(tookMs / 1_000).toFixed(1)} s`);
      expect(count).to.be.greaterThan(0);
      const finished = PROGRAMS - count + LATER;
      const ends = { finished, errored: count, cancelled: count, twice: 0 };
      expect(await countEnds(scenario)).to.deep.equal(ends);
      for (const status of await scenario.executor.statusMany(runIds))
        expect(status).to.include({ state: 'finished' });
      const [kept] = await scenario.executor.interventions();
      expect(kept).to.include({ kind: 'cancelAll', programs: count, reason: 'all of it was wrong' });
    });
});
