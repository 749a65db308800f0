import { expect } from 'chai';
import type { Retention } from '../../src/program/retention.js';
import { Housekeeping } from '../../src/consumer/upkeep/housekeeping.js';
import { lineTables } from '../../src/program-handler/lines/line-tables.js';
import { partsOf } from '../../src/executor-parts.js';
import { ConfigError, type CreateOptions, type ProgramExecutor, type PruneOptions } from '../../index.js';
import { describeContract, gate, job, rejection, withoutBroker, type Fixture } from '../contract/harness.js';
import { createAged, DAY_MS, insertAttempts, type Aged } from '../support/aged-programs.js';
import { eventually } from '../support/eventually.js';

const WEEK_AND_MONTH: Retention = { finishedMs: 7 * DAY_MS, erroredMs: 30 * DAY_MS };
const QUICK = { first: 1, afterDeleting: 1, whileBusy: 1, whileIdle: 1, atEnd: 5 };
const HOLD_MS = 60_000;

const create = (t: Fixture, ...programs: Aged[]) => createAged(t.executor, t.knex, t.table, programs);

/** Which of these programs are still there. */
async function left(t: Fixture, runIds: readonly string[]): Promise<boolean[]> {
  const rows = (await t.knex(t.table).pluck('run_id')) as string[];
  return runIds.map((runId) => rows.includes(runId));
}

async function attemptCount(t: Fixture): Promise<number> {
  return t.rowCount(`${t.table}_attempts`);
}

/** The housekeeping of a worker of this id, without its pauses. */
function housekeepingOf(t: Fixture, workerId: string, executor = t.executor, retention = WEEK_AND_MONTH) {
  const { upkeep } = partsOf(executor)!.programs;
  const parts = { workerId, retention, upkeep, logger: t.log, workDone: () => 0 };
  return new Housekeeping(parts, QUICK);
}

async function isSeen(t: Fixture, id: string): Promise<void> {
  const worker = { id, host: 'h', pid: 1, version: '1', jobs: [], slots: 1, batch: null };
  await partsOf(t.executor)!.programs.upkeep.beat(worker, { running: 0, eventLoopLagMs: 0 });
}

describeContract(
  'retention (WP-30)',
  (t) => {
    const old = { end: 'finished', daysAgo: 8 } as const;
    let keeping: Housekeeping | undefined;
    afterEach(async () => {
      await keeping?.stop();
      keeping = undefined;
    });

    it('deletes finished programs after 7 days and errored ones after 30, with their attempts, and no others', async () => {
      const runIds = await create(
        t,
        old,
        { end: 'finished', daysAgo: 6.9 },
        { end: 'errored', daysAgo: 29 },
        { end: 'errored', daysAgo: 31 },
        { daysAgo: 400 },
        { end: 'finished', daysAgo: 3_000, isTakenOver: true },
        { end: 'errored', daysAgo: 3_000, isTakenOver: true },
      );
      keeping = housekeepingOf(t, 'me');
      await eventually('both are gone', async () => (await t.rowCount()) === 5);
      expect(await left(t, runIds)).to.deep.equal([false, true, true, false, true, true, true]);
      expect(await attemptCount(t)).to.equal(5);
    });

    it('passes over what is kept, however much that is, and comes round again', async () => {
      await create(t, ...Array<Aged>(120).fill({ daysAgo: 50 }), old);
      keeping = housekeepingOf(t, 'me');
      await eventually('the old one is gone', async () => (await t.rowCount()) === 120);
      const [late] = await create(t, { end: 'errored', daysAgo: 31 });
      await eventually('the late one is gone', async () => !(await left(t, [late!]))[0]);
    });

    it('is left to one worker at a time, and goes to the next when that one dies', async () => {
      await isSeenAll(t, 'a', 'b');
      await create(t, old);
      keeping = housekeepingOf(t, 'b');
      const { upkeep } = partsOf(t.executor)!.programs;
      expect((await upkeep.pruneWalk(WEEK_AND_MONTH, 'b').next()).isAtEnd).to.equal(true);
      expect(await t.rowCount()).to.equal(1);
      const longAgo = t.knex.raw('seen_at - 121000');
      await t.knex(`${t.table}_workers`).where({ id: 'a' }).update({ seen_at: longAgo });
      await eventually('b has taken over', async () => (await t.rowCount()) === 0);
    });

    it('deletes a program of very many attempts in portions', async () => {
      const [runId] = await create(t, { ...old, attempts: 0 });
      await insertAttempts(t.knex, t.table, (await t.row(runId!))['id'], 4_500);
      await create(t, { daysAgo: 1 });
      keeping = housekeepingOf(t, 'me');
      await eventually('they are gone', async () => (await attemptCount(t)) === 1);
      expect(await t.rowCount()).to.equal(1);
    }).timeout(HOLD_MS);

    it('survives a table that is away, and says so', async () => {
      await create(t, old);
      await t.knex.schema.renameTable(`${t.table}_workers`, `${t.table}_away`);
      keeping = housekeepingOf(t, 'me');
      await eventually('it fails', async () => t.log.count('housekeeping-failed') > 0);
      await t.knex.schema.renameTable(`${t.table}_away`, `${t.table}_workers`);
      await eventually('it goes on', async () => (await t.rowCount()) === 0);
    });

    it('of false keeps everything', async () => {
      await create(t, old, { end: 'errored', daysAgo: 400 });
      const { upkeep } = partsOf(t.executor)!.programs;
      const step = await upkeep.pruneWalk({ finishedMs: null, erroredMs: null }, 'me').next();
      expect(step.isAtYoung).to.equal(true);
      expect(await t.rowCount()).to.equal(2);
    });
  },
  withoutBroker,
);

async function isSeenAll(t: Fixture, ...ids: string[]): Promise<void> {
  await t.executor.migrate();
  for (const id of ids) await isSeen(t, id);
}

describeContract(
  'prune (WP-51)',
  (t) => {
    const programs: Aged[] = [
      { end: 'finished', daysAgo: 40, attempts: 2 },
      { end: 'finished', daysAgo: 8 },
      { end: 'finished', daysAgo: 1 },
      { end: 'errored', daysAgo: 40 },
      { end: 'errored', daysAgo: 2 },
      { daysAgo: 100 },
      { end: 'finished', daysAgo: 2_000, isTakenOver: true },
    ];
    const cases: [what: string, options: PruneOptions, counts: object, gone: number[]][] = [
      ['what retention does not keep', {}, { finished: 2, errored: 1, attempts: 4 }, [0, 1, 3]],
      [
        'finished programs of an age',
        { finishedOlderThanMs: 20 * DAY_MS },
        { finished: 1, errored: 0, attempts: 2 },
        [0],
      ],
      [
        'errored programs of an age',
        { erroredOlderThanMs: DAY_MS },
        { finished: 0, errored: 2, attempts: 2 },
        [3, 4],
      ],
      [
        'everything that has ended',
        { finishedOlderThanMs: 0, erroredOlderThanMs: 0 },
        { finished: 3, errored: 2, attempts: 6 },
        [0, 1, 2, 3, 4],
      ],
      [
        'also what was taken over',
        { withTakenOver: true },
        { finished: 3, errored: 1, attempts: 5 },
        [0, 1, 3, 6],
      ],
      ['no more than its limit', { limit: 1 }, { finished: 1, errored: 0, attempts: 2 }, [0]],
    ];

    for (const [what, options, counts, gone] of cases)
      it(`deletes ${what}, and says how many there were`, async () => {
        const runIds = await create(t, ...programs);
        expect(await t.executor.prune({ ...options, dryRun: true })).to.deep.equal(counts);
        expect(await t.rowCount()).to.equal(programs.length);
        expect(await t.executor.prune(options)).to.deep.equal(counts);
        expect(await left(t, runIds)).to.deep.equal(runIds.map((_, index) => !gone.includes(index)));
        expect(await t.executor.prune(options)).to.include({ errored: 0 });
      });

    it('needs times where retention keeps everything', async () => {
      const executor = t.createExecutor({ retention: false });
      const error = await rejection(executor.prune());
      expect(error).to.be.instanceOf(ConfigError);
      expect(error.message).to.include('as retention is false');
      expect(await executor.prune({ finishedOlderThanMs: 0 })).to.deep.equal({
        finished: 0,
        errored: 0,
        attempts: 0,
      });
    });

    it('forgets the idempotency keys of programs that it deletes, and no others', async () => {
      const createWith = (idempotencyKey: string) => t.executor.createProgram({ jobs: [], idempotencyKey });
      const old = await createWith('old');
      await createWith('young');
      expect(await t.executor.prune({ finishedOlderThanMs: 0, limit: 1 })).to.include({ finished: 1 });
      expect(await t.knex(`${t.table}_keys`).pluck('idempotency_key')).to.deep.equal(['young']);
      expect(await createWith('old')).not.to.equal(old);
    });

    for (const [key, value] of Object.entries({ finishedOlderThanMs: '7d', limit: 0, dryRun: 1, older: 1 }))
      it(`refuses ${key}: ${value}, by name`, async () => {
        const error = await rejection(t.executor.prune({ [key]: value }));
        expect(error).to.be.instanceOf(ConfigError);
        expect(error.message).to.match(new RegExp(`^options\\.${key}: `));
      });

    it('leaves a program that was resumed after it had been looked at', async () => {
      const runIds = await create(t, { end: 'errored', daysAgo: 40 }, { end: 'errored', daysAgo: 40 });
      const { pruner, page } = await lookedAt(t.executor, t);
      await t.executor.resumeProgram(runIds[0]!);
      expect(await pruner.remove(page, WEEK_AND_MONTH)).to.deep.equal({
        finished: 0,
        errored: 1,
        attempts: 1,
      });
      expect(await left(t, runIds)).to.deep.equal([true, false]);
      expect(await t.outcomes(runIds[0]!)).to.deep.equal(['a retried']);
    });

    it('leaves a program that was cancelled by hand until its pool and batch know of it', async () => {
      const runIds = await create(t, ...Array<Aged>(3).fill({ end: 'errored', daysAgo: 40 }));
      await t.change(runIds[0]!, { ready_at: 1 });
      const slot = { claimed_by: 'w:1', line_id: 1, pool_id: 1, batch_id: 1, line_key: '' };
      await t.knex(`${t.table}_slots`).insert({ program_id: (await t.row(runIds[1]!))['id'], ...slot });
      expect(await t.executor.prune()).to.deep.equal({ finished: 0, errored: 1, attempts: 1 });
      expect(await left(t, runIds)).to.deep.equal([true, true, false]);
      await t.knex(`${t.table}_slots`).delete();
      expect(await t.executor.prune()).to.include({ errored: 1 });
    });

    it('is not taken for somebody who deletes what runs: no claim of a dead worker names what it deletes', async () => {
      const batch = await t.executor.batches.create({ code: 'batch' });
      await t.executor.batches.addPrograms(batch, [{ jobs: ['b'] }]);
      const { run_id: runId } = (await t.knex<{ run_id: string }>(t.table).first('run_id'))!;
      const worker = await t.work(job('b'));
      await t.ended(runId);
      await worker.stop();
      const { id, line_id: lineId } = await t.row(runId);
      const claim = {
        claimed_by: 'dead:1',
        claimed_at: 1,
        program_ids: JSON.stringify({ [`${lineId}`]: [id] }),
      };
      await t.knex(`${t.table}_recent_claims`).insert(claim);
      expect(await t.executor.prune({ finishedOlderThanMs: 0 })).to.include({ finished: 1 });
      expect(await t.knex(`${t.table}_recent_claims`)).to.deep.equal([]);
      expect(await t.knex(`${t.table}_slots`)).to.deep.equal([]);
    });

    it('deletes the thousands while programs run, and none of those', async () => {
      await create(t, ...Array<Aged>(40).fill({ end: 'finished', daysAgo: 8 }));
      const [entered, go] = [gate(), gate()];
      const hold = job('hold', async () => {
        entered.open();
        await go.opened;
      });
      await t.work({ ...hold, ...job('b') }, { leaseMs: HOLD_MS });
      const runId = await t.create({ jobs: ['hold', 'b'] });
      await entered.opened;
      const counts = await t.executor.prune({ finishedOlderThanMs: 0, erroredOlderThanMs: 0 });
      expect(counts.finished).to.equal(40);
      go.open();
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
      expect(await t.outcomes(runId)).to.deep.equal(['hold succeeded', 'b succeeded']);
    });
  },
  withoutBroker,
);

describeContract(
  'prune beside callers whose transactions create with keys',
  (t) => {
    const createWith = (idempotencyKey: string, options: CreateOptions = {}) =>
      t.create({ jobs: [], idempotencyKey }, options);
    const prune = () => t.executor.prune({ finishedOlderThanMs: 0 });

    const isLocked = async (idempotencyKey: string): Promise<boolean> => {
      const free = await t.knex.transaction((trx) =>
        trx(`${t.table}_keys`)
          .where({ idempotency_key: idempotencyKey })
          .forUpdate()
          .skipLocked()
          .select('run_id'),
      );
      return free.length === 0;
    };

    it('waits for none of them, and leaves their programs for another time', async () => {
      await createWith('free');
      const used = await createWith('used');
      await t.knex.transaction(async (trx) => {
        expect(await createWith('used', { trx })).to.equal(used);
        expect(await prune()).to.include({ finished: 1 });
        expect(await left(t, [used])).to.deep.equal([true]);
      });
      expect(await prune()).to.include({ finished: 1 });
      expect(await t.rowCount(`${t.table}_keys`)).to.equal(0);
    });

    it('deletes a key that callers wait for, and then it stands for one program again', async () => {
      const old = await createWith('used');
      const holder = await t.knex.transaction();
      await holder(t.table).where({ run_id: old }).forUpdate().select('id');
      const pruning = prune();
      await eventually('prune has the key', () => isLocked('used'));
      // These do not end, so that prune has nothing more to delete.
      const create = (executor = t.executor) =>
        executor.createProgram({ jobs: ['a'], idempotencyKey: 'used' });
      const calls = [create(), create(t.createExecutor())];
      await holder.commit();
      await pruning;
      const runIds = await Promise.all(calls);
      expect(new Set(runIds).size).to.equal(1);
      expect(await create()).to.equal(runIds[0]);
      expect(await t.rowCount(`${t.table}_keys`)).to.equal(1);
    });
  },
  (variant) => withoutBroker(variant) && variant.database.kind !== 'sqlite',
);

describeContract(
  'prune beside callers of whom each takes many keys',
  (t) => {
    it('refuses no transaction, in whatever order that takes its keys, and is not refused itself', async () => {
      const keys = Array.from({ length: 200 }, (_, index) => `order ${index}`);
      const createThem = async (): Promise<void> => {
        for (let round = 0; round < 5; round++)
          await t.knex.transaction(async (trx) => {
            for (const key of keys) await t.create({ jobs: [], idempotencyKey: key }, { trx });
          });
      };
      await createThem();
      const creating = new AbortController();
      const pruning = (async () => {
        while (!creating.signal.aborted) await t.executor.prune({ finishedOlderThanMs: 0 });
      })();
      await createThem().finally(() => creating.abort());
      await pruning;
      await t.executor.prune({ finishedOlderThanMs: 0 });
      expect(await t.rowCount()).to.equal(0);
      expect(await t.rowCount(`${t.table}_keys`)).to.equal(0);
    });
  },
  // On MySQL and MariaDB a transaction locks gaps beside its keys, too, and may be told to start again for that.
  (variant) => withoutBroker(variant) && variant.database.kind === 'postgres',
);

/** The pruner of an executor between its look at the programs and the deletion of them. */
async function lookedAt(executor: ProgramExecutor, t: Fixture) {
  const { Pruner } = await import('../../src/program-handler/pruner.js');
  const { createDialect } = await import('../../src/program-handler/dialects/create-dialect.js');
  const { tablesOf } = await import('../../migrations/index.js');
  await executor.migrate();
  const tables = tablesOf(t.table);
  const dialect = createDialect(t.knex, tables, t.variant.dialect);
  const pruner = new Pruner(t.knex, tables, dialect, lineTables(tables, dialect.terms));
  return { pruner, page: await pruner.page(0, 100, () => undefined) };
}
