import type { Knex } from 'knex';
import { endToForget, type AgedProgram, type ProgramEnd, type Retention } from '../program/retention.js';
import { PARKED, type Db, type Dialect, type TableNames } from './dialects/dialect.js';
import { lockKeysOf } from './keys/lock-keys.js';
import type { LineTables } from './lines/line-tables.js';
import { giveSlotsOfOld } from './lines/recent-claims.js';
import { idsOf, numberOrNull, type Row } from './rows.js';
import { transact } from './transact.js';

/** Attempts that one transaction deletes at most. */
const MOST_ATTEMPTS = 2_000;

/** How many there were. */
export interface Pruned {
  readonly finished: number;
  readonly errored: number;
  readonly attempts: number;
}

/** A condition on programs beside what the statement itself asks for. */
export type Restriction = (query: Knex.QueryBuilder) => void;

/** Finds programs that need not be kept any longer, and deletes them with all that belongs to them. */
export class Pruner {
  readonly #knex: Knex;
  readonly #tables: TableNames;
  readonly #dialect: Dialect;
  readonly #lines: LineTables;

  constructor(knex: Knex, tables: TableNames, dialect: Dialect, lines: LineTables) {
    this.#knex = knex;
    this.#tables = tables;
    this.#dialect = dialect;
    this.#lines = lines;
  }

  /** The next programs by their ids, whatever has become of them. */
  async page(afterId: number, limit: number, restriction: Restriction): Promise<AgedProgram[]> {
    const rows = await this.pageQuery(afterId, limit, restriction);
    return rows.map(toAged);
  }

  /** Along the primary key: an index for this alone would cost something with every program. */
  pageQuery(afterId: number, limit: number, restriction: Restriction) {
    const page = this.#aged(this.#knex).where('id', '>', afterId).orderBy('id').limit(limit);
    restriction(page);
    return page;
  }

  /** Deletes those of these programs that need still not be kept, a few in a transaction. */
  async remove(programs: readonly AgedProgram[], retention: Retention): Promise<Pruned> {
    // So that none of them is in a claim any more, which takes a program without a row for deleted while it ran. No
    // claim of one is younger than its end.
    const endedForMs = programs.map(({ finishedForMs, erroredForMs }) => finishedForMs ?? erroredForMs ?? 0);
    await giveSlotsOfOld(this.#dialect, this.#lines, Math.min(...endedForMs));
    const ids = programs.map(({ id }) => id);
    const attempts = await this.#countAttempts(ids);
    const removed: Pruned[] = [];
    for (const portion of portionsOf(ids, attempts)) {
      const isLarge = portion.some((id) => (attempts.get(id) ?? 0) > MOST_ATTEMPTS);
      removed.push(
        await (isLarge ? this.#removeLarge(portion, retention) : this.#removeAll(portion, retention)),
      );
    }
    return sumOf(removed);
  }

  /** What `remove` would delete. */
  async count(programs: readonly AgedProgram[], retention: Retention): Promise<Pruned> {
    const attempts = await this.#countAttempts(programs.map(({ id }) => id));
    const sum = [...attempts.values()].reduce((total, each) => total + each, 0);
    return countOf(endsOf(programs, retention), sum);
  }

  /** By program; those without any are not in it. */
  async #countAttempts(ids: readonly number[]): Promise<Map<number, number>> {
    const rows = await this.#knex(this.#tables.attempts)
      .whereIn('program_id', [...ids])
      .groupBy('program_id')
      .select<Row[]>('program_id', this.#knex.raw('count(*) as attempts'));
    return new Map(rows.map((row) => [Number(row['program_id']), Number(row['attempts'])]));
  }

  #removeAll(ids: readonly number[], retention: Retention): Promise<Pruned> {
    return this.#transaction(async (trx) => {
      const ends = await this.#lock(ids, retention, trx);
      const attempts = await this.#attemptsOf([...ends.keys()], trx).delete();
      await this.#removeRows([...ends.keys()], trx);
      return countOf(ends, attempts);
    });
  }

  /**
   * A program of very many attempts goes before them: one that was resumed in between would miss what its
   * earlier jobs returned. Attempts without a program, left by a crash in between, disturb nobody.
   */
  async #removeLarge(ids: readonly number[], retention: Retention): Promise<Pruned> {
    const ends = await this.#transaction(async (trx) => {
      const locked = await this.#lock(ids, retention, trx);
      await this.#removeRows([...locked.keys()], trx);
      return locked;
    });
    let attempts = 0;
    for (const id of ends.keys()) attempts += await this.#removeAttempts(id);
    return countOf(ends, attempts);
  }

  async #removeAttempts(programId: number): Promise<number> {
    let removed = 0;
    for (;;) {
      const first = await this.#knex<Row>(this.#tables.attempts)
        .where({ program_id: programId })
        .orderBy('id')
        .limit(MOST_ATTEMPTS)
        .select('id');
      const last = idsOf(first).at(-1);
      if (last === undefined) return removed;
      removed += await this.#transaction((trx) =>
        this.#attemptsOf([programId], trx).where('id', '<=', last).delete(),
      );
    }
  }

  /**
   * Looks again, with the rows locked: somebody may have resumed a program meanwhile. One that was cancelled while
   * it ran holds its slot until its run is over. Keys come before programs, as with those who create.
   */
  async #lock(ids: readonly number[], retention: Retention, trx: Knex.Transaction) {
    const { programs, slots } = this.#tables;
    const free = await this.#lockKeys(ids, trx);
    const slot = trx(slots)
      .where('program_id', trx.ref(`${programs}.id`))
      .select(trx.raw('1'));
    const rows = await this.#aged(trx).whereIn('id', free).whereNotExists(slot).orderBy('id').forUpdate();
    return endsOf(rows.map(toAged), retention);
  }

  /** Resolves with those of these programs whose keys nobody else has locked. */
  async #lockKeys(ids: readonly number[], trx: Knex.Transaction): Promise<number[]> {
    const { programs, keys } = this.#tables;
    const rows = await trx<Row>(programs)
      .whereIn('id', [...ids])
      .select<Row[]>('id', 'run_id');
    const runIds = rows.map((row) => String(row['run_id']));
    const inUse = await lockKeysOf(runIds, keys, this.#dialect.within(trx), this.#dialect.terms);
    return idsOf(rows.filter((row) => !inUse.has(String(row['run_id']))));
  }

  /** The programs, and their idempotency keys, which count for nothing any more. */
  async #removeRows(ids: readonly number[], trx: Knex.Transaction): Promise<void> {
    const { programs, keys } = this.#tables;
    const gone = () => trx<Row>(programs).whereIn('id', [...ids]);
    const runIds = await gone().pluck<string[]>('run_id');
    await trx(keys).whereIn('run_id', runIds).delete();
    await gone().delete();
  }

  #attemptsOf(programIds: readonly number[], trx: Knex.Transaction) {
    return trx<Row>(this.#tables.attempts).whereIn('program_id', [...programIds]);
  }

  #aged(db: Db) {
    const { nowMs, epochMs } = this.#dialect.terms;
    const since = (column: string, name: string) => db.raw(`${nowMs} - ${epochMs(column)} as ${name}`);
    return db(this.#tables.programs).select<Row[]>(
      'id',
      since('created_at', 'created_for_ms'),
      since('finished_at', 'finished_for_ms'),
      since('errored_at', 'errored_for_ms'),
      db.raw('case when ready_at is null then 1 else 0 end as is_settled'),
      db.raw(`case when fence = 0 and due_at = ${PARKED} then 1 else 0 end as is_taken_over`),
    );
  }

  #transaction<T>(work: (trx: Knex.Transaction) => PromiseLike<T>): Promise<T> {
    return transact(this.#knex, this.#dialect, work);
  }
}

function toAged(row: Row): AgedProgram {
  return {
    id: Number(row['id']),
    createdForMs: numberOrNull(row['created_for_ms']),
    finishedForMs: numberOrNull(row['finished_for_ms']),
    erroredForMs: numberOrNull(row['errored_for_ms']),
    isSettled: Number(row['is_settled']) === 1,
    isTakenOver: Number(row['is_taken_over']) === 1,
  };
}

/** How those of these programs ended that need not be kept, by `id`. */
function endsOf(programs: readonly AgedProgram[], retention: Retention): Map<number, ProgramEnd> {
  const ends = new Map<number, ProgramEnd>();
  for (const program of programs) {
    const end = endToForget(program, retention);
    if (end) ends.set(program.id, end);
  }
  return ends;
}

/** Programs with `MOST_ATTEMPTS` together at most, or a single one that has more. */
function portionsOf(ids: readonly number[], attempts: ReadonlyMap<number, number>): number[][] {
  const portions: number[][] = [];
  let room = 0;
  for (const id of ids) {
    const count = attempts.get(id) ?? 0;
    if (count > room || portions.length === 0) {
      portions.push([]);
      room = MOST_ATTEMPTS;
    }
    portions.at(-1)?.push(id);
    room -= count;
  }
  return portions;
}

function countOf(ends: ReadonlyMap<number, ProgramEnd>, attempts: number): Pruned {
  const finished = [...ends.values()].filter((end) => end === 'finished').length;
  return { finished, errored: ends.size - finished, attempts };
}

export function sumOf(all: readonly Pruned[]): Pruned {
  return all.reduce(
    (sum, { finished, errored, attempts }) => ({
      finished: sum.finished + finished,
      errored: sum.errored + errored,
      attempts: sum.attempts + attempts,
    }),
    { finished: 0, errored: 0, attempts: 0 },
  );
}
