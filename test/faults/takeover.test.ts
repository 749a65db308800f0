import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAIN, plainEnv } from '../cli/run-cli.js';
import { ServiceProcess } from '../cli/service-process.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { isEmbeddedOnly, testDatabases, type TestDatabase } from '../support/databases.js';
import { tell } from './harness/account.js';
import { eventually } from '../support/eventually.js';
import { Scenario } from './harness/scenario.js';

/** Programs stay at their second job, until it is run anew by another worker or the file `open` appears. */
const SERVICE_JOBS = `
  import { existsSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  const done = () => undefined;
  const hold = async (_message, _data, { fence }) => {
    while (fence === 1 && !existsSync('open')) await sleep(20);
  };
  export default { first: { execute: done }, second: { execute: hold }, third: { execute: done } };`;

/** Without a broker, and with one where the database is no file. */
function variants(): { name: string; open: (leaseMs: number) => Promise<Scenario> }[] {
  const variant = (database: TestDatabase, hasBroker: boolean) => ({
    name: `${database.name}${hasBroker ? ' with RabbitMQ' : ''}`,
    open: (leaseMs: number) =>
      Scenario.open(database, { ...(hasBroker && { broker: true }), options: { leaseMs } }),
  });
  return testDatabases().flatMap((database) => [
    variant(database, false),
    ...(database.kind === 'sqlite' || isEmbeddedOnly() ? [] : [variant(database, true)]),
  ]);
}

describe('Faults: takeover after SIGKILL', function () {
  this.timeout(60_000);
  afterEach(async () => {
    await ServiceProcess.killAll();
    await Scenario.closeAll();
    await removeTempFolders();
  });

  for (const { name, open } of variants())
    describe(`on ${name}`, () => {
      it('WP-36: is complete within the lease and 5 s', async () => {
        const leaseMs = 3_000;
        const scenario = await open(leaseMs);
        const doomed = await scenario.crew.start({ isGateOpen: false });
        const runIds = await scenario.create(5, { second: { kind: 'hold' } });
        await Promise.all(runIds.map((runId) => doomed.seen('entered', { runId, count: 2 })));
        await scenario.crew.start();
        const tookMs = await elapsedMs(async () => {
          await doomed.kill();
          await scenario.ended();
        });
        expect(tookMs).to.be.below(leaseMs + 5_000);
        expect(await scenario.verdict()).to.deep.equal([]);
        await expectLosses(scenario, runIds);
      });

      it('does not wait for the lease of 60 s where our supervisor sees the worker die', async () => {
        const scenario = await open(60_000);
        const { cwd, service } = await startService(scenario);
        const runIds = await scenario.create(5);
        const { pid, held } = await eventually('all programs at their second job', () =>
          holderOf(scenario, runIds),
        );
        const tookMs = await elapsedMs(async () => {
          process.kill(pid, 'SIGKILL');
          await scenario.ended(held.length);
        });
        // Two seconds on a machine that is not busy with anything else.
        expect(tookMs).to.be.below(20_000);
        expect(await service.seen('handedOver')).to.deep.equal([
          { event: 'handedOver', pid, programs: held.length },
        ]);
        await writeFile(join(cwd, 'open'), '');
        await scenario.ended();
        expect(await scenario.verdict()).to.deep.equal([]);
        await expectLosses(scenario, held);
      });
    });
});

async function elapsedMs(takeOver: () => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  await takeOver();
  const tookMs = performance.now() - startedAtMs;
  tell(`taken over and finished ${(tookMs / 1_000).toFixed(1)} s after the kill`);
  return tookMs;
}

/** Exactly these were lost, once each. */
async function expectLosses(scenario: Scenario, runIds: readonly string[]): Promise<void> {
  const lost = (await scenario.versions()).filter(({ losses }) => losses > 0);
  expect(new Set(lost.map(({ runId }) => runId))).to.deep.equal(new Set(runIds));
  expect(new Set(lost.map(({ losses, fence }) => `${losses}, ${fence}`))).to.deep.equal(new Set(['1, 2']));
}

/** Two worker processes under a supervisor. */
async function startService({ config }: Scenario): Promise<{ cwd: string; service: ServiceProcess }> {
  const worker = { jobs: 'jobs.mjs', processes: 2, concurrency: 5, leaseMs: 60_000 };
  const cwd = await tempFolder({
    'jobs.mjs': SERVICE_JOBS,
    'program-executor.config.mjs': `export default ${JSON.stringify({ ...config, worker })};`,
  });
  const service = new ServiceProcess(MAIN, ['worker', '--json'], { cwd, env: plainEnv() });
  await service.seen('ready', 2);
  return { cwd, service };
}

/** A process that holds some of the programs, and which; undefined before all of them are at their second job. */
async function holderOf({ knex, table }: Scenario, runIds: readonly string[]) {
  const rows = await knex(table)
    .where('step', 1)
    .whereNotNull('claimed_by')
    .select<{ run_id: string; claimed_by: string }[]>('run_id', 'claimed_by');
  if (rows.length < runIds.length) return undefined;
  const pids = rows.map(({ claimed_by }) => Number(claimed_by.split(':').at(-3)));
  const pid = pids[0] as number;
  return { pid, held: rows.filter((_, index) => pids[index] === pid).map(({ run_id }) => run_id) };
}
