import { expect } from 'chai';
import { ProgramExecutor } from '../../index.js';
import { CliOn, cliDatabases } from '../cli/cli-on.js';
import { JSON_SCHEMAS } from '../cli/json-schemas.js';
import { gate, job } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';

for (const database of cliDatabases())
  describe(`what people do to batches and pools on the command line, on ${database.name}`, function () {
    this.timeout(60_000);
    let cli: CliOn;
    let executor: ProgramExecutor;
    beforeEach(async () => {
      cli = new CliOn(database);
      await cli.rows.migrate();
      executor = ProgramExecutor.create({ knex: cli.rows.knex, tableName: cli.rows.table });
    });
    afterEach(async () => {
      await executor.close();
      await cli.rows.drop();
    });

    /** A batch of programs of one job, `fails` of which fail, run to the end. */
    async function ranBatch(code: string, fails: number, total: number): Promise<void> {
      await executor.batches.create({ code, type: 'page' });
      const programs = Array.from({ length: total }, (_, number) => ({
        jobs: ['page'],
        programData: { number },
      }));
      await executor.batches.addPrograms(code, programs);
      const library = job('page', ({ programData }) => {
        if ((programData as { number: number }).number < fails) throw new Error('No');
      });
      const worker = await executor.processPrograms(library);
      await executor.batches.waitFor(code, { intervalMs: 50 });
      await worker.stop();
    }

    async function waitingBatch(code: string, total = 2): Promise<void> {
      await executor.batches.create({ code });
      const programs = Array.from({ length: total }, () => ({ jobs: ['page'] }));
      await executor.batches.addPrograms(code, programs);
    }

    async function statusOf(code: string): Promise<string | undefined> {
      const { batches } = await cli.json(JSON_SCHEMAS.report, 'batches');
      return batches.find((batch) => batch.code === code)?.status;
    }

    it('batches lists the newest first, those that fit', async () => {
      await ranBatch('over', 1, 3);
      await waitingBatch('next');
      const { batches } = await cli.json(JSON_SCHEMAS.report, 'batches');
      expect(batches.map(({ code, status }) => `${code} ${status}`)).to.deep.equal([
        'next pending',
        'over failed',
      ]);
      expect(batches[1]?.counts).to.deep.equal(await executor.batches.stats('over'));
      for (const [args, codes] of [
        [['--status', 'failed'], ['over']],
        [['--type', 'page'], ['over']],
        [['--limit', '1'], ['next']],
        [['--type', 'page', '--status', 'pending'], []],
      ] as const) {
        const fitting = await cli.json(JSON_SCHEMAS.report, 'batches', ...args);
        expect(
          fitting.batches.map(({ code }) => code),
          args.join(' '),
        ).to.deep.equal(codes);
      }
      expect(await cli.text('batches', '--type', 'none')).to.equal('No batches found.\n');
    });

    it('interrupt stops a batch and keeps why, and resume lets it go on', async () => {
      await waitingBatch('mails');
      expect(
        await cli.json(JSON_SCHEMAS.interrupt, 'interrupt', 'mails', '--reason', 'API is down'),
      ).to.deep.equal({
        batch: 'mails',
        interrupted: true,
      });
      expect(await statusOf('mails')).to.equal('interrupted');
      expect(await cli.text('report', 'mails')).to.match(/^ +\S+Z +manual: API is down$/m);
      expect(await cli.text('resume', '--batch', 'mails')).to.equal('resumed batch mails\n');
      expect(await statusOf('mails')).to.equal('pending');
    });

    it('WP-53: watch ends with a batch that is interrupted and of which nothing runs', async () => {
      await waitingBatch('mails');
      await executor.batches.interrupt('mails', 'API is down');
      expect(await cli.text('watch', 'mails', '--interval', '600')).to.match(/manual: API is down$/m);
    });

    it('pause and resume stop and start a batch and a pool', async () => {
      await waitingBatch('mails');
      await executor.pools.set('smtp', { maxParallelism: 2 });
      expect(await cli.json(JSON_SCHEMAS.pause, 'pause', '--batch', 'mails')).to.deep.equal({
        batch: 'mails',
        paused: true,
      });
      expect(await cli.text('pause', '--pool', 'smtp')).to.equal('paused pool smtp\n');
      expect(await statusOf('mails')).to.equal('paused');
      expect((await executor.pools.list())[0]).to.include({ name: 'smtp', isPaused: true });
      await cli.text('resume', '--pool', 'smtp');
      await cli.json(JSON_SCHEMAS['resume'], 'resume', '--batch', 'mails');
      expect(await statusOf('mails')).to.equal('pending');
      expect((await executor.pools.list())[0]).to.include({ isPaused: false });
    });

    it('pause, resume and cancel refuse a pool whose name was mistyped, and make none', async () => {
      await executor.pools.set('smtp', { maxParallelism: 2 });
      for (const command of ['pause', 'resume', 'cancel'])
        expect(await cli.run(command, '--pool', 'stmp')).to.include({
          code: 1,
          stderr: 'error: There is no pool "stmp"; program-executor pools lists those there are\n',
        });
      expect((await executor.pools.list()).map(({ name }) => name)).to.deep.equal(['smtp']);
    });

    it('retry starts all errored programs of a batch again', async () => {
      await ranBatch('mails', 2, 3);
      expect(await cli.json(JSON_SCHEMAS.retry, 'retry', '--batch', 'mails')).to.deep.equal({
        batch: 'mails',
        programs: 2,
      });
      expect(await executor.batches.stats('mails')).to.include({ waiting: 2, finished: 1, errored: 0 });
    });

    it('cancel ends a batch with all its programs, once', async () => {
      await waitingBatch('mails', 3);
      const cancelled = await cli.json(
        JSON_SCHEMAS['cancel'],
        'cancel',
        '--batch',
        'mails',
        '--reason',
        'Late',
      );
      expect(cancelled).to.deep.equal({ batch: 'mails', cancelled: true, programs: 3 });
      const { programs } = await cli.json(
        JSON_SCHEMAS.list,
        'list',
        '--batch',
        'mails',
        '--status',
        'cancelled',
      );
      expect(programs.map(({ error }) => error)).to.deep.equal(['Late', 'Late', 'Late']);
      for (const command of [
        ['cancel', '--batch'],
        ['resume', '--batch'],
        ['pause', '--batch'],
        ['interrupt'],
      ]) {
        const [verb = '', ...flags] = command;
        const { code, stderr } = await cli.run(verb, ...flags, 'mails');
        expect(code, verb).to.equal(1);
        expect(stderr).to.match(/^error: Batch mails cannot be \w+: it is cancelled already\n$/);
      }
    });

    it('cancel goes on where cancelling a batch ended half-way, until nothing of it is open', async () => {
      await waitingBatch('mails', 3);
      await executor.cancelAll({ batch: 'mails', limit: 1 });
      await cli.rows.knex(`${cli.rows.table}_batches`).update({ status: 'cancelled' });
      const again = await cli.json(JSON_SCHEMAS['cancel'], 'cancel', '--batch', 'mails');
      expect(again).to.deep.equal({ batch: 'mails', cancelled: true, programs: 2 });
      expect(await executor.batches.getByCode('mails')).to.include({ status: 'cancelled' });
      expect(await executor.batches.stats('mails')).to.include({ total: 3, cancelled: 3, waiting: 0 });
      expect((await cli.run('cancel', '--batch', 'mails')).stderr).to.contain('it is cancelled already');
    });

    it('cancel is refused for a batch that is completed', async () => {
      await ranBatch('mails', 0, 1);
      const { code, stderr } = await cli.run('cancel', '--batch', 'mails');
      expect(code).to.equal(1);
      expect(stderr).to.equal('error: Batch mails cannot be cancelled: it is completed already\n');
    });

    it('pause and resume stop and start all programs of the table', async () => {
      expect(await cli.json(JSON_SCHEMAS.pause, 'pause', '--all')).to.deep.equal({ all: true, paused: true });
      const runId = await executor.createProgram({ jobs: ['page'] });
      const worker = await executor.processPrograms(job('page'));
      expect((await executor.status(runId))?.state).to.equal('waiting');
      expect(await cli.text('resume', '--all')).to.equal('resumed all programs\n');
      await eventually(
        'the program is finished',
        async () => (await executor.getProgram(runId))?.finishedAt !== null,
      );
      await worker.stop();
    });

    it('retry starts a program again, from the job that it is told', async () => {
      const runId = await executor.createProgram({ jobs: ['first', 'second'] });
      await executor.skipStep(runId);
      await executor.cancel(runId);
      expect(await cli.json(JSON_SCHEMAS.retry, 'retry', runId, '--from-step', '0')).to.deep.equal({
        runId,
        programs: 1,
      });
      expect(await executor.getProgram(runId)).to.deep.include({ step: 0, erroredAt: null });
      expect(await cli.run('retry', runId, '--from-step', '2')).to.include({ code: 2 });
      expect(await cli.run('retry', '--batch', 'x', '--from-step', '0')).to.include({ code: 2 });
    });

    it('cancel ends the programs of a pool, or the newest of all', async () => {
      await executor.createPrograms([
        { jobs: ['a'], pool: 'smtp' },
        { jobs: ['a'], pool: 'smtp' },
      ]);
      await executor.createProgram({ jobs: ['a'] });
      expect(await cli.json(JSON_SCHEMAS['cancel'], 'cancel', '--all', '--limit', '1')).to.deep.equal({
        all: true,
        cancelled: true,
        programs: 1,
      });
      expect(await cli.text('cancel', '--pool', 'smtp')).to.equal('cancelled pool smtp: 2 programs\n');
      expect((await cli.json(JSON_SCHEMAS.list, 'list', '--status', 'cancelled')).programs).to.have.length(3);
      expect(await cli.run('cancel', 'x', '--limit', '1')).to.include({ code: 2 });
    });

    it('says that there is no such batch', async () => {
      for (const args of [
        ['interrupt', 'x'],
        ['retry', '--batch', 'x'],
        ['pause', '--batch', 'x'],
        ['cancel', '--batch', 'x'],
      ]) {
        const [verb = '', ...rest] = args;
        const { code, stderr } = await cli.run(verb, ...rest);
        expect({ code, stderr }).to.deep.equal({ code: 1, stderr: 'error: Batch not found: x\n' });
      }
    });

    it('wants exactly one target', async () => {
      for (const args of [
        ['pause'],
        ['resume'],
        ['cancel', 'x', '--batch', 'y'],
        ['resume', '--pool', 'x', '--batch', 'y'],
      ]) {
        const [verb = '', ...rest] = args;
        const { code, stderr } = await cli.run(verb, ...rest);
        expect(code, args.join(' ')).to.equal(2);
        expect(stderr).to.match(/^error: Give exactly one of .*--batch <code>/);
      }
    });

    it('WP-45, WP-53: pools tells the limits, what runs, what waits and what holds the slots', async () => {
      const limits = {
        maxParallelism: 1,
        rateLimit: { requests: 100, windowMs: 60_000 },
        perKey: { maxParallelism: 1 },
      };
      await executor.pools.set('smtp', limits);
      const { opened, open } = gate();
      const started = gate();
      const library = job('send', async () => {
        started.open();
        await opened;
      });
      const program = { jobs: ['send'], pool: 'smtp', concurrencyKey: 'shop' };
      const runIds = await executor.createPrograms([program, program]);
      const worker = await executor.processPrograms(library);
      await started.opened;
      const { pools } = await cli.json(JSON_SCHEMAS.pools, 'pools');
      const text = await cli.text('pools', 'smtp');
      open();
      await worker.stop();
      expect(pools).to.have.length(1);
      expect(pools[0]).to.deep.include({ name: 'smtp', isPaused: false, running: 1, waiting: 1, ...limits });
      expect(pools[0]?.holders.map(({ key }) => key)).to.deep.equal(['shop']);
      expect(runIds).to.include(pools[0]?.holders[0]?.runId);
      expect(text).to.match(/^smtp +open +1 +1 +1 +100 in 1m +\d+ +1 at once$/m);
      expect(text).to.match(/^\S+ +shop +\S+/m);
    });

    it('WP-45, WP-53: workers tells who runs programs, and what they know', async () => {
      expect(await cli.text('workers')).to.equal('No workers found.\n');
      const worker = await executor.processPrograms({ ...job('send'), ...job('bill') }, { concurrency: 7 });
      await eventually('the worker is in the registry', async () => (await executor.workers()).length === 1);
      const { workers } = await cli.json(JSON_SCHEMAS.workers, 'workers');
      const text = await cli.text('workers');
      await worker.stop();
      expect(workers).to.have.length(1);
      expect(workers[0]).to.deep.include({ id: worker.id, jobs: ['bill', 'send'], slots: 7, isAlive: true });
      expect(text).to.match(new RegExp(`^\\S+ +${process.pid} +alive +0 +7 .* bill, send$`, 'm'));
    });

    it('WP-51: prune deletes what ended long ago', async () => {
      await ranBatch('mails', 0, 2);
      expect(await cli.json(JSON_SCHEMAS.prune, 'prune', '--dry-run')).to.include({
        dryRun: true,
        finished: 0,
      });
    });

    it('pools says that there is none', async () => {
      expect(await cli.text('pools')).to.equal('No pools found.\n');
      const noPool = 'error: There is no pool "x"; program-executor pools lists those there are\n';
      expect(await cli.run('pools', 'x')).to.include({ code: 1, stderr: noPool });
    });
  });
