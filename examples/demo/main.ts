/**
 * One program for each installed package, on SQLite, with two worker processes, one of which is killed
 * half-way. Run it with `npm run demo`.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProgramExecutor } from '../../index.js';
import { openFile } from '../open-file.js';
import { createPackagesTable, heldBy, readTotals } from './bookkeeping.js';
import type { jobs } from './jobs/index.js';
import { findPackages } from './packages.js';
import { printSummary } from './summary.js';
import { forkWorker, idOf, kill, stop } from './workers.js';

const DEADLINE_MS = 60_000;

const databasePath = join(await mkdtemp(join(tmpdir(), 'program-executor-demo-')), 'demo.sqlite');
const executor = ProgramExecutor.create<typeof jobs>({ databasePath });
const knex = openFile(databasePath);

// 1. One program for each package: four jobs, in this order.
const packages = await findPackages(resolve('node_modules'));
await createPackagesTable(knex);
await executor.createPrograms(
  packages.map((programData) => ({
    jobs: ['read_manifest', 'hash_files', 'check_licence', 'record'],
    programData,
  })),
);
console.log(`${packages.length} programs created, two workers start`);

// 2. Two workers run them.
const startedAt = performance.now();
const victim = forkWorker(databasePath);
const survivor = forkWorker(databasePath);
const victimId = await idOf(victim);

// 3. Half-way, one of them is killed in the middle of its work.
await until(
  async () => (await readTotals(knex)).finished >= packages.length / 2 && (await held()).length > 0,
);
const killedAt = performance.now();
await kill(victim);
const orphans = (await held()).length;
console.log(`worker ${victim.pid} killed with ${orphans} programs in its hands`);

// 4. Nobody need wait for the lease of a minute, as this process has seen the worker die.
await executor.expireClaims(victimId);
await until(async () => (await held()).length === 0);
const orphanedMs = performance.now() - killedAt;

// 5. The other one does the rest.
await until(async () => {
  const { finished, errored } = await readTotals(knex);
  return finished + errored === packages.length;
});
const tookMs = performance.now() - startedAt;
await stop(survivor);
await executor.close();

const allWell = await printSummary(knex, {
  programs: packages.length,
  orphans,
  orphanedMs,
  tookMs,
  databasePath,
});
await knex.destroy();
process.exitCode = allWell ? 0 : 1;

function held(): Promise<string[]> {
  return heldBy(knex, victimId);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`The demo did not end within ${DEADLINE_MS / 1_000} s`);
    await sleep(20);
  }
}
