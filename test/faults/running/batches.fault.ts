import { expect } from 'chai';
import type { Batch, BatchStats } from '../../../index.js';
import { crashDatabase } from '../../support/servers/control.js';
import { eventually } from '../../support/eventually.js';
import type { Version } from '../harness/audit.js';
import type { CrashPoint } from '../harness/crash-points.js';
import { startHeir } from '../harness/heir.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { JOBS, type Actions } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';

const WORKERS = 6;
const PROGRAMS = 60;
/** The job of callbacks, whose programs have no other. */
const CALLBACK = 'third';

/** A batch of programs of all three jobs, which are expected to finish. */
async function fillBatch(scenario: Scenario, code: string, actions: Actions = {}): Promise<Batch> {
  const { batches } = scenario.executor;
  const batch = await batches.create({ code, onComplete: { job: CALLBACK, context: code } });
  await batches.addPrograms(batch, Array(PROGRAMS).fill({ jobs: [...JOBS], programData: actions }));
  const rows = await scenario.knex(scenario.table).where({ batch_id: batch.id }).select('run_id');
  for (const { run_id } of rows as { run_id: string }[]) scenario.expectEnd(run_id, 'finished');
  return batch;
}

function startWorkers(scenario: Scenario, count: number) {
  return Promise.all(Array.from({ length: count }, () => scenario.crew.start()));
}

/** The programs that were created for this callback's job alone. */
async function callbacks({ knex, table }: Scenario): Promise<{ finished_at: unknown }[]> {
  const rows = await knex<{ jobs: unknown; finished_at: unknown }>(table).select('jobs', 'finished_at');
  return rows.filter(({ jobs }) => JSON.stringify(jobs).match(/\w+/g)?.join() === CALLBACK);
}

function callbackRan(scenario: Scenario): Promise<unknown> {
  return eventually('the callback has run', async () =>
    (await callbacks(scenario)).some(({ finished_at }) => finished_at !== null),
  );
}

async function completed(scenario: Scenario, batch: Batch): Promise<BatchStats> {
  const { batches } = scenario.executor;
  await eventually(
    'the batch is completed',
    async () => (await batches.get(batch.id))?.status === 'completed',
  );
  await scenario.ended();
  return batches.stats(batch);
}

const ALL_FINISHED = {
  total: PROGRAMS,
  waiting: 0,
  running: 0,
  finished: PROGRAMS,
  errored: 0,
  cancelled: 0,
};

/** The claims that were made after a moment, by their tokens. */
function claimsAfter(versions: readonly Version[], atMs: number): string[] {
  const claims: string[] = [];
  const seen = new Set<string>();
  for (const { runId, fence, claimedBy, atMs: claimedAtMs } of versions) {
    if (claimedBy === null || seen.has(`${runId} ${fence}`)) continue;
    seen.add(`${runId} ${fence}`);
    if (claimedAtMs > atMs) claims.push(claimedBy);
  }
  return claims;
}

describe('Faults, running: batches', function () {
  this.timeout(120_000);
  afterEach(() => Scenario.closeAll());

  for (const mode of modes()) {
    it(`six workers race for the end of a batch, two are killed and the database crashes: each program counts once, one callback, on ${mode.name}`, async () => {
      const scenario = await openIn(mode);
      const batch = await fillBatch(scenario, 'batch', { first: { kind: 'take', ms: 50 } });
      const [one, two] = await startWorkers(scenario, WORKERS);
      await scenario.ended(PROGRAMS / 6);
      await Promise.all([one?.kill(), two?.kill()]);
      if (mode.database.server) await crashDatabase(mode.database.server);
      scenario.struck();
      expect(await completed(scenario, batch)).to.include(ALL_FINISHED);
      await callbackRan(scenario);
      expect(await callbacks(scenario)).to.have.length(1);
      expect(await scenario.verdict()).to.deep.equal([]);
    });

    it(`interrupted under load: no worker starts more of that batch, others go on, and resume loses nothing, on ${mode.name}`, async () => {
      const scenario = await openIn(mode, { options: { concurrency: 2 } });
      const { batches } = scenario.executor;
      const batch = await fillBatch(scenario, 'batch', { first: { kind: 'take', ms: 100 } });
      await startWorkers(scenario, 3);
      await scenario.ended(3);
      await batches.interrupt(batch);
      const [interruption] = await batches.interruptions(batch);
      await batches.waitFor(batch, { intervalMs: 50 });
      expect(claimsAfter(await scenario.versions(), interruption!.createdAt.getTime())).to.deep.equal([]);
      const before = await batches.stats(batch);
      expect(before.waiting).to.be.greaterThan(0);
      const other = await fillBatch(scenario, 'other');
      await eventually(
        'the other is completed',
        async () => (await batches.get(other.id))?.status === 'completed',
      );
      expect(await batches.stats(batch)).to.deep.equal(before);
      await batches.resume(batch);
      expect(await completed(scenario, batch)).to.include(ALL_FINISHED);
      expect(await scenario.verdict()).to.deep.equal([]);
    });

    for (const point of ['before claim', 'after claim', 'before record', 'after record'] as CrashPoint[])
      it(`killed ${point} of a program with a callback: both are committed together, once, on ${mode.name}`, () =>
        dieBeside(mode, point));
  }
});

/** The only job of a program is its last, so that its end and its callback are one commit. */
async function dieBeside(mode: Mode, dieAt: CrashPoint): Promise<void> {
  const scenario = await openIn(mode, { options: { concurrency: 1 } });
  const doomed = await scenario.crew.start({ dieAt });
  const runId = await scenario.executor.createProgram({ jobs: ['first'], onComplete: { job: CALLBACK } });
  expect(await doomed.exited).to.equal(null);
  const isRecorded = (await scenario.executor.getProgram(runId))!.finishedAt !== null;
  expect(isRecorded).to.equal(dieAt === 'after record');
  expect(await callbacks(scenario)).to.have.length(isRecorded ? 1 : 0);
  await startHeir(scenario);
  await scenario.program(runId, ({ finishedAt }) => finishedAt !== null);
  await callbackRan(scenario);
  expect(await callbacks(scenario)).to.have.length(1);
}
