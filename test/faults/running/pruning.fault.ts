import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import { summary, tell } from '../harness/account.js';
import { atOnce } from '../harness/at-once.js';
import { histories, violations } from '../harness/audit.js';
import { digGraves, readGraves, removeGraves } from '../harness/graves.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { Scenario } from '../harness/scenario.js';

const EVERYTHING = { finishedOlderThanMs: 0, erroredOlderThanMs: 0 };
const LONG_MS = 3_000;
const PAUSE_MS = 20;
const DEADLINE_MS = 100_000;
const PROGRAMS = 60;
const yards: [mode: Mode, scenario: Scenario][] = [];

/** Deletes whatever has ended, again and again, until told to stop. */
async function pruneUntil({ executor }: Scenario, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await executor.prune(EVERYTHING);
    await delay(PAUSE_MS);
  }
}

/** Two workers run programs, one of them is killed; two prune at once all the while, and nothing is kept. */
async function pruneUnderLoad(mode: Mode) {
  const scenario = await openIn(mode);
  yards.push([mode, scenario]);
  await digGraves(scenario.knex, mode.database.kind, scenario.table);
  const long = await scenario.create(1, { first: { kind: 'take', ms: LONG_MS } });
  const failing = await scenario.create(PROGRAMS / 6, { second: { kind: 'throw', thing: 'zero' } });
  for (const runId of failing) scenario.expectEnd(runId, 'errored');
  const workers = await Promise.all([scenario.crew.start(), scenario.crew.start()]);
  const over = new AbortController();
  const pruning = [1, 2].map(() => pruneUntil(scenario, over.signal));
  const plain = await scenario.create(PROGRAMS / 2, { second: { kind: 'save' } });
  const retrying = await scenario.create(PROGRAMS / 3, { third: { kind: 'retryOnce', afterMs: 50 } });
  // Whichever has so many first: it may leave the other none.
  const busy = workers.map((worker) => worker.seen('entered', { count: 5 }).then(() => worker));
  const doomed = await Promise.race(busy);
  await doomed.kill();
  scenario.struck();
  const runIds = [...long, ...failing, ...plain, ...retrying];
  const isEmpty = async () => (await scenario.knex(scenario.table).first('id')) === undefined;
  await eventually('every program has ended and is gone', isEmpty, DEADLINE_MS).finally(() => over.abort());
  await Promise.all(pruning);
  const graves = await readGraves(scenario.knex, scenario.table);
  const attempts = await scenario.knex(`${scenario.table}_attempts`).count({ rows: '*' });
  return { scenario, runIds, failing, graves, attemptsLeft: Number(attempts[0]?.['rows']) };
}

describe('Faults, running: programs are pruned while others run', function () {
  this.timeout(150_000);
  after(async () => {
    for (const [{ database }, { knex, table }] of yards) await removeGraves(knex, database.kind, table);
    await Scenario.closeAll();
  });
  const all = modes();
  const runs = atOnce(all, pruneUnderLoad);

  for (const mode of all)
    it(`pruned under load, by two at once: each program goes once, after its end, with its attempts, on ${mode.name}`, async () => {
      const { scenario, runIds, failing, graves, attemptsLeft } = await runs(mode);
      const all = await scenario.versions();
      tell(summary(all, undefined));
      expect(graves.programs.map(({ runId }) => runId).sort()).to.deep.equal([...runIds].sort());
      expect(graves.programs.filter(({ finished, errored }) => !finished && !errored)).to.deep.equal([]);
      expect(graves.robbed, 'attempts deleted before the end of their program').to.equal(0);
      expect(attemptsLeft).to.equal(0);
      const byRunId = histories(all);
      const found = runIds.flatMap((runId) => {
        const end = failing.includes(runId) ? 'errored' : 'finished';
        return violations({ runId, jobs: 3, end }, byRunId.get(runId) ?? [], graves.successes);
      });
      expect(found).to.deep.equal([]);
    });
});
