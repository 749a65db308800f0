import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ProgramExecutor } from '../../index.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { MAIN, plainEnv, runCli } from './run-cli.js';
import { ServiceProcess } from './service-process.js';

const JOBS = {
  /** Leaves a line, so that runs can be counted. */
  'jobs/note.mjs': `
    import { appendFile } from 'node:fs/promises';
    export default { name: 'note', execute: ({ runId }) => appendFile('notes', runId + ' ' + process.pid + '\\n') };`,
  /** Runs until it is aborted. */
  'jobs/wait.mjs': `
    import { writeFile } from 'node:fs/promises';
    export default {
      name: 'wait',
      async execute(message, jobData, { signal }) {
        await writeFile('waiting', '');
        await new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    };`,
  /** Runs for half a second. */
  'jobs/rest.mjs': `
    import { writeFile } from 'node:fs/promises';
    export default {
      name: 'rest',
      async execute() {
        await writeFile('resting', '');
        await new Promise((resolve) => setTimeout(resolve, 500));
      },
    };`,
};

const startWorker = (cwd: string, ...args: string[]): ServiceProcess =>
  new ServiceProcess(MAIN, ['worker', '--jobs', 'jobs', '--json', ...args], { cwd, env: plainEnv() });

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await sleep(20);
}

describe('the worker service on SQLite', () => {
  let cwd: string;
  let executor: ProgramExecutor;
  const databasePath = (): string => join(cwd, 'program-executor.sqlite');

  beforeEach(async () => {
    cwd = await tempFolder(JOBS);
    executor = ProgramExecutor.create({ databasePath: databasePath() });
  });
  afterEach(async () => {
    await ServiceProcess.killAll();
    await executor.close();
    await removeTempFolders();
  });

  const hasEnded = async (runId: string): Promise<void> => {
    for (;;) {
      const program = await executor.getProgram(runId);
      if (program?.finishedAt ?? program?.erroredAt) return;
      await sleep(20);
    }
  };

  for (const processes of [1, 2])
    it(`runs the jobs of a folder, with ${processes} process(es)`, async () => {
      const runIds = await executor.createPrograms(Array(20).fill({ jobs: ['note', 'note'] }));
      const service = startWorker(cwd, '--processes', String(processes), '--concurrency', '3');
      const ready = await service.seen('ready', processes);
      expect(ready[0]?.jobs).to.deep.equal(['note', 'rest', 'wait']);
      for (const runId of runIds) await hasEnded(runId);
      service.signal('SIGTERM');
      expect(await service.exited).to.equal(143);
      const notes = (await readFile(join(cwd, 'notes'), 'utf8')).trim().split('\n');
      expect(notes).to.have.length(40);
    });

  it('lets a running job end before it exits', async () => {
    const runId = await executor.createProgram({ jobs: ['rest'] });
    const service = startWorker(cwd, '--processes', '2');
    await appears(join(cwd, 'resting'));
    service.signal('SIGTERM');
    expect(await service.exited).to.equal(143);
    expect((await executor.getProgram(runId))?.finishedAt).to.be.instanceOf(Date);
  });

  it('releases what does not end in the grace period, for others to take at once', async () => {
    const runId = await executor.createProgram({ jobs: ['wait'] });
    const service = startWorker(cwd, '--processes', '2', '--grace', '0.2');
    await appears(join(cwd, 'waiting'));
    service.signal('SIGINT');
    expect(await service.exited).to.equal(130);
    const program = await executor.getProgram(runId);
    expect(program).to.deep.include({ finishedAt: null, erroredAt: null, stepRetryCount: 0 });
    const worker = await executor.processPrograms({ wait: { name: 'wait', execute: () => undefined } });
    await hasEnded(runId);
    await worker.stop();
  });

  it('exits within a second on a second signal, and says whether it could release its programs', async () => {
    await executor.createProgram({ jobs: ['wait'] });
    const service = startWorker(cwd, '--processes', '2', '--grace', '60');
    await Promise.all([service.seen('ready', 2), appears(join(cwd, 'waiting'))]);
    service.signal('SIGTERM');
    await service.seen('draining', 3);
    const secondAt = performance.now();
    service.signal('SIGTERM');
    expect(await service.exited).to.be.oneOf([143, 1]);
    expect(performance.now() - secondAt).to.be.below(1_000);
  });

  it('TEM-34: with --batch it runs the programs of that batch alone', async () => {
    const plain = await executor.createProgram({ jobs: ['note'] });
    await executor.batches.create({ code: 'may' });
    await executor.batches.addJobs('may', 'note', [{}, {}]);
    const service = startWorker(cwd, '--batch', 'may');
    await executor.batches.waitFor('may', { intervalMs: 20 });
    service.signal('SIGTERM');
    expect(await service.exited).to.equal(143);
    expect((await readFile(join(cwd, 'notes'), 'utf8')).trim().split('\n')).to.have.length(2);
    expect((await executor.getProgram(plain))?.finishedAt).to.equal(null);
  });

  it('TEM-34: with a --batch that is not there it exits with 2, and is not started again', async () => {
    const service = startWorker(cwd, '--batch', 'may', '--processes', '2');
    expect(await service.exited).to.equal(2);
    expect(service.events.filter(({ event }) => event === 'crashed')).to.deep.equal([]);
    expect(service.stderr).to.include('there is no batch may');
  });

  it('tells people in text what it does', async () => {
    const { code, stdout, stderr } = await runCli(['worker', '--jobs', 'nowhere', '--processes', '2'], {
      cwd,
    });
    expect(code).to.equal(2);
    expect(stderr).to.include('error: Jobs cannot be read from nowhere');
    expect(stdout).to.match(/^worker \d+ ended \(exit code 2\), giving up$/m);
  });
});
