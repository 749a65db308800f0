import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { expect } from 'chai';
import { tablesOf } from '../../migrations/index.js';
import { PARKED } from '../../src/program-handler/dialects/dialect.js';
import { CliOn, cliDatabases } from '../cli/cli-on.js';
import { JSON_SCHEMAS } from '../cli/json-schemas.js';
import { runCli } from '../cli/run-cli.js';
import { createWorkerRole } from '../faults/harness/worker-role.js';
import type { TestDatabase } from '../support/databases.js';
import { amqpUrl, uniqueQueue } from '../support/brokers.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Examination {
  readonly code: number | null;
  /** The messages of each check that found something. */
  readonly found: Readonly<Record<string, readonly string[]>>;
  readonly remedies: readonly string[];
}

async function examine(cli: CliOn, ...args: readonly string[]): Promise<Examination> {
  const { code, stdout } = await cli.run('doctor', ...args, '--json');
  const { checks } = JSON_SCHEMAS.doctor.parse(JSON.parse(stdout));
  const findings = checks.filter(({ outcome }) => outcome === 'finding');
  return {
    code,
    found: Object.fromEntries(
      findings.map((each) => [each.check, each.findings.map(({ message }) => message)]),
    ),
    remedies: findings.flatMap((each) => each.findings.map(({ remedy }) => remedy)),
  };
}

for (const database of cliDatabases())
  describe(`doctor on ${database.name}`, function () {
    this.timeout(60_000);
    let cli: CliOn;
    beforeEach(async () => {
      cli = new CliOn(database);
      await cli.rows.migrate();
    });
    afterEach(() => cli.rows.drop());

    it('finds nothing where all is well, and exits with 0', async () => {
      await cli.rows.workerOf(null, { seenAgoMs: 60_000 });
      const programs = [{ state: 'running' }, { state: 'finished' }, { state: 'waiting' }] as const;
      await cli.rows.batch({ code: 'mails', programs });
      await cli.rows.program({ state: 'waiting', dueAgoMs: 60_000 });
      await cli.rows.program({ state: 'running', dueAgoMs: 600_000 });
      const { code, stdout } = await cli.run('doctor');
      expect(stdout).to.not.include('!!');
      expect(code).to.equal(0);
      for (const check of [
        'database',
        'schema',
        'permissions',
        'clock',
        'stuck programs',
        'leases',
        'backlog',
        'workers',
      ])
        expect(stdout).to.match(new RegExp(`^ok +${check} `, 'm'));
      expect(stdout).to.match(/^-- +broker +none is configured/m);
    });

    it('finds tables that are not up to date, says what helps, and exits with 4', async () => {
      await cli.rows.knex.schema.dropTable(tablesOf(cli.rows.table).slots);
      const { code, found, remedies } = await examine(cli);
      expect({ code, checks: Object.keys(found) }).to.deep.equal({ code: 4, checks: ['schema'] });
      expect(found['schema']?.[0]).to.match(/^\d+ statements are missing/);
      expect(remedies).to.deep.equal(['run program-executor migrate']);
    });

    it('finds a program that makes no progress', async () => {
      await cli.rows.program({ state: 'running', runId: 'hanging', idleMinutes: 6 });
      const { code, found } = await examine(cli);
      expect(code).to.equal(4);
      expect(found['stuck programs']?.[0]).to.match(/^hanging at send for 6m /);
    });

    it('finds programs whose worker is gone and whom nobody took over', async () => {
      await cli.rows.program({ state: 'running', leaseMs: -360_000 });
      await cli.rows.program({ state: 'running', leaseMs: -1_000 });
      const { code, found } = await examine(cli);
      expect({ code, found }).to.deep.equal({
        code: 4,
        found: { leases: ['1 programs were left by their workers more than five minutes ago'] },
      });
    });

    it('finds programs that are due and wait for a worker', async () => {
      await cli.rows.program({ state: 'waiting', dueAgoMs: 360_000 });
      const { found } = await examine(cli);
      expect(found['backlog']?.[0]).to.match(/^1 programs are due and wait for a worker, the oldest for 6m/);
    });

    it('finds that no worker is alive while programs wait in a batch', async () => {
      await cli.rows.batch({ code: 'deserted', programs: [{ state: 'waiting' }, { state: 'waiting' }] });
      await cli.rows.workerOf(null, { seenAgoMs: 600_000 });
      const { code, found, remedies } = await examine(cli);
      expect({ code, found, remedies }).to.deep.equal({
        code: 4,
        found: { workers: ['2 programs wait, and no worker that would run them is alive'] },
        remedies: ['start one with the same database and table'],
      });
    });

    it('wants no worker for what nobody should start', async () => {
      const programs = [{ state: 'waiting' }] as const;
      await cli.rows.batch({ code: 'paused', isPaused: true, programs });
      await cli.rows.batch({ code: 'interrupted', status: 'interrupted', programs });
      await cli.rows.batch({ code: 'attended', programs });
      await cli.rows.workerOf('attended', { seenAgoMs: 0 });
      await cli.rows.program({ state: 'waiting', dueAgoMs: -3_600_000 });
      expect(await examine(cli)).to.deep.equal({ code: 0, found: {}, remedies: [] });
    });

    it('says that the whole queue is paused where that is why programs wait', async () => {
      await cli.rows.program({ state: 'waiting', dueAgoMs: 360_000 });
      await cli.rows.workerOf(null, { seenAgoMs: 0 });
      await cli.text('pause', '--all');
      const { found, remedies } = await examine(cli);
      expect(Object.keys(found)).to.deep.equal(['backlog', 'workers']);
      for (const remedy of remedies)
        expect(remedy).to.equal('the whole queue is paused: program-executor resume --all lets it go on');
    });

    it('finds programs of an older installation', async () => {
      const runId = await cli.rows.program({ state: 'waiting' });
      await cli.rows.knex(cli.rows.table).where({ run_id: runId }).update({ due_at: PARKED });
      const { found } = await examine(cli);
      expect(Object.keys(found)).to.deep.equal(['parked programs']);
    });

    if (database.server) describe('as a user who may not do all', () => withRole(database, () => cli));
    else
      it('finds a file that may not be written to, and speaks of no grants', async () => {
        await cli.rows.knex.destroy();
        writeByTooNewAVersion(cli.address);
        const { code, found, remedies } = await examine(cli);
        const message = 'Writing to the database file is refused: attempt to write a readonly database';
        expect({ code, found, remedies }).to.deep.equal({
          code: 4,
          found: { permissions: [message] },
          remedies: ['the file and its folder must be readable and writable for this user'],
        });
        cli = new CliOn(database);
      });

    if (database.server === 'postgres') describe('with RabbitMQ', () => withBroker(() => cli));
  });

/** SQLite reads a file of which the header says that later versions alone may write to it. */
function writeByTooNewAVersion(filename: string): void {
  const file = openSync(filename, 'r+');
  writeSync(file, Buffer.of(3), 0, 1, 18);
  closeSync(file);
}

function withRole(database: TestDatabase, on: () => CliOn): void {
  let role: Awaited<ReturnType<typeof createWorkerRole>>;
  beforeEach(async () => {
    const { rows } = on();
    role = await createWorkerRole(rows.knex, await rows.existingTables(), database);
  });
  afterEach(() => role.drop());

  async function examineAsRole() {
    const args = ['doctor', role.url, '--table', on().rows.table, '--json'];
    const { code, stdout } = await runCli(args, { cwd: temporaryFolder() });
    const { checks } = JSON_SCHEMAS.doctor.parse(JSON.parse(stdout));
    return { code, checks };
  }

  it('finds a table that this user may not write to', async () => {
    await role.update('revoke');
    const { code, checks } = await examineAsRole();
    const { findings = [] } = checks.find(({ check }) => check === 'permissions') ?? {};
    expect({ code, count: findings.length }).to.deep.equal({ code: 4, count: 1 });
    expect(findings[0]?.message).to.match(new RegExp(`^Writing to ${on().rows.table} is refused: .*denied`));
  });

  it('makes the other checks where one fails', async () => {
    await role.revokeSelect(tablesOf(on().rows.table).workers);
    const { code, checks } = await examineAsRole();
    const outcomes = Object.fromEntries(checks.map(({ check, outcome }) => [check, outcome]));
    expect({ code, ...outcomes }).to.deep.include({ code: 4, 'stuck programs': 'ok', rows: 'finding' });
    const { findings = [] } = checks.find(({ check }) => check === 'rows') ?? {};
    expect(findings[0]?.message).to.match(/^It cannot be checked: .*denied/);
  });
}

function withBroker(on: () => CliOn): void {
  let connection: ChannelModel;
  let channel: Channel;
  let queue: string;
  const args = () => ['--amqp-url', amqpUrl(), '--queue', queue];
  const declare = (type: 'quorum' | 'classic') =>
    channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } });
  beforeEach(async () => {
    queue = uniqueQueue();
    await on().rows.workerOf(null, { seenAgoMs: 0 });
    connection = await connect(amqpUrl());
    channel = await connection.createChannel();
  });
  afterEach(async () => {
    await channel.deleteQueue(queue);
    await connection.close();
  });

  it('finds nothing where somebody listens to the queue', async () => {
    await declare('quorum');
    await channel.consume(queue, () => undefined);
    await on().rows.program({ state: 'waiting' });
    expect(await examine(on(), ...args())).to.include({ code: 0 });
  });

  it('finds that the queue is missing, and does not declare it', async () => {
    const { code, found } = await examine(on(), ...args());
    expect({ code, found }).to.deep.equal({ code: 4, found: { queue: [`There is no queue ${queue}`] } });
    expect((await examine(on(), ...args())).found).to.have.property('queue');
  });

  it('finds a queue of another kind', async () => {
    await declare('classic');
    const { found } = await examine(on(), ...args());
    expect(found['queue']?.[0]).to.match(/is not a durable quorum queue .*x-queue-type/);
  });

  it('finds that nobody listens while programs wait', async () => {
    await declare('quorum');
    await on().rows.program({ state: 'waiting' });
    const { found } = await examine(on(), ...args());
    expect(found).to.deep.equal({ drift: ['Nobody listens to the queue, and 1 programs have not ended'] });
  });

  it('counts only programs that no worker for one batch heeds, as such a worker listens to nothing', async () => {
    await declare('quorum');
    await on().rows.batch({ code: 'heeded', programs: [{ state: 'waiting' }] });
    await on().rows.batch({ code: 'deserted', programs: [{ state: 'waiting' }, { state: 'waiting' }] });
    await on().rows.workerOf('heeded', { seenAgoMs: 0 });
    await on().rows.workerOf('deserted', { seenAgoMs: 600_000 });
    expect((await examine(on(), ...args())).found).to.deep.equal({
      drift: ['Nobody listens to the queue, and 2 programs have not ended'],
    });
    await on().rows.workerOf('deserted', { seenAgoMs: 0 });
    expect((await examine(on(), ...args())).found).to.deep.equal({});
  });

  it('finds more hints than there are programs', async () => {
    await declare('quorum');
    const hints = 1_001;
    for (let hint = 0; hint < hints; hint += 1) channel.sendToQueue(queue, Buffer.from('{}'));
    while ((await channel.checkQueue(queue)).messageCount < hints);
    const { found } = await examine(on(), ...args());
    expect(found['drift']).to.deep.equal(['The queue holds 1001 hints for 0 programs that have not ended']);
  });

  it('finds a broker that is away, and keeps its password to itself', async () => {
    const { code, stdout } = await on().run('doctor', '--amqp-url', 'amqp://u:secret@127.0.0.1:9');
    expect(code).to.equal(4);
    expect(stdout)
      .to.match(/^!! +broker /m)
      .and.include('ECONNREFUSED')
      .and.not.include('secret');
  });
}

describe('doctor', () => {
  it('speaks of no server where the database is a file', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'text.sqlite'), 'hello');
    const { code, stdout } = await runCli(['doctor', 'text.sqlite'], { cwd });
    expect(code).to.equal(4);
    expect(stdout).to.include('not a database').and.include('path').and.not.include('server');
  });

  it('says that the database is away, and exits with 4', async () => {
    const args = ['doctor', 'postgres://u:secret@127.0.0.1:9/app', '--json'];
    const { code, stdout } = await runCli(args, { cwd: temporaryFolder() });
    const { checks } = JSON_SCHEMAS.doctor.parse(JSON.parse(stdout));
    expect({ code, check: checks[0] }).to.deep.nested.include({ code: 4, 'check.check': 'database' });
    expect(checks[0]?.findings[0]?.message).to.include('ECONNREFUSED');
    expect(stdout).to.not.include('secret');
  }).timeout(60_000);
});
