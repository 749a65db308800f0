import type { Dialect, GroupTransaction } from '../dialects/dialect.js';
import { repeatingHeard } from '../repeating.js';
import type { Row } from '../rows.js';
import { takeTokens } from '../../rate-limit/token-bucket.js';
import { poolIdOf } from './find-lines.js';
import { isWaiting, type LineTables } from './line-tables.js';
import { POOL_COLUMNS, toPoolRow, type PoolRow } from './pool-row.js';
import { reopenLinesOf } from './reopen-forgotten.js';
import { setLimits, type NewLimits } from './set-limits.js';
import { IS_OF_POOL } from './slot-row.js';

/** A pool, with what it does at the moment. */
export interface PoolState {
  readonly pool: PoolRow;
  readonly isPaused: boolean;
  readonly running: number;
  readonly waiting: number;
  /** undefined: it has no rate. */
  readonly tokens: number | undefined;
  readonly isHeld: boolean;
  /** What runs in it, oldest first, a hundred at most. */
  readonly holders: readonly { readonly runId: string; readonly claimedBy: string; readonly key: string }[];
}

const MOST_HOLDERS = 100;

/** The rows of pools. */
export class PoolStore {
  readonly #dialect: Dialect;
  readonly #tables: LineTables;

  constructor(dialect: Dialect, tables: LineTables) {
    this.#dialect = dialect;
    this.#tables = tables;
  }

  /** Sets all limits of a pool, and lets whatever has room now start. */
  async set(name: string, limits: NewLimits, ofKey: NewLimits): Promise<void> {
    const id = await this.#write('Setting a pool', (trx) =>
      setLimits(trx, this.#tables, name, limits, ofKey),
    );
    await this.#reopen(id);
  }

  pause(name: string): Promise<void> {
    return this.#write('Pausing a pool', async (trx) => {
      const id = await poolIdOf(trx, this.#tables, name);
      await trx.run(`update ${this.#tables.pools} set is_paused = 1 where id = ?`, [id]);
    });
  }

  /** Also where it was held. */
  async resume(name: string): Promise<void> {
    const { pools, meters, terms } = this.#tables;
    const id = await this.#write('Resuming a pool', async (trx) => {
      const found = await poolIdOf(trx, this.#tables, name);
      await trx.run(
        `update ${pools} set is_paused = 0, held_until = 0, open_at = ${terms.nowMs} where id = ?`,
        [found],
      );
      await trx.run(`update ${meters} set held_until = 0 where pool_id = ? and held_until > 0`, [found]);
      return found;
    });
    await this.#reopen(id);
  }

  /** After the commit of what opens them: whoever locks a pool's row and lines as well begins with the lines. */
  #reopen(id: number): Promise<void> {
    return this.#write('Opening lines', (trx) => reopenLinesOf(trx, this.#tables, id));
  }

  /** By name; but for the one without a name. */
  list(): Promise<PoolState[]> {
    return this.#read(`name <> '' order by name`);
  }

  async find(name: string): Promise<PoolState | undefined> {
    const [state] = await this.#read('name = ?', [name]);
    return state;
  }

  #read(where: string, values: readonly unknown[] = []): Promise<PoolState[]> {
    const { pools, terms } = this.#tables;
    return repeatingHeard('Reading pools', async () => {
      const rows = await this.#dialect.read(
        `select ${POOL_COLUMNS.join(', ')}, is_paused, ${terms.nowMs} as now_ms from ${pools} where ${where}`,
        values,
      );
      const states: PoolState[] = [];
      for (const row of rows) states.push(await this.#stateOf(row));
      return states;
    });
  }

  async #stateOf(row: Row): Promise<PoolState> {
    const pool = toPoolRow(row);
    const { rate } = pool.limits;
    const nowMs = Number(row['now_ms']);
    return {
      pool,
      isPaused: Number(row['is_paused']) === 1,
      ...(await this.#holders(pool.id)),
      waiting: await this.#waiting(pool.id),
      isHeld: pool.heldUntilMs > nowMs,
      tokens: rate && takeTokens(rate, pool.level, nowMs, rate.requests).taken,
    };
  }

  async #holders(poolId: number): Promise<Pick<PoolState, 'holders' | 'running'>> {
    const { slots, programs, terms } = this.#tables;
    const held = `from ${slots} s join ${programs} p on p.id = s.program_id
      where ${IS_OF_POOL} and p.claimed_by = s.claimed_by and p.claimed_until > ${terms.nowMs}`;
    const [counted] = await this.#dialect.read(`select count(*) as running ${held}`, [poolId]);
    const rows = await this.#dialect.read(
      `select p.run_id, s.claimed_by, s.line_key ${held} order by p.id limit ${MOST_HOLDERS}`,
      [poolId],
    );
    const holders = rows.map((row) => ({
      runId: String(row['run_id']),
      claimedBy: String(row['claimed_by']),
      key: String(row['line_key']),
    }));
    return { running: Number(counted?.['running'] ?? 0), holders };
  }

  async #waiting(poolId: number): Promise<number> {
    const { lines, programs } = this.#tables;
    const [row] = await this.#dialect.read(
      `select count(*) as waiting from ${lines} l join ${programs} p on p.line_id = l.id
       where l.pool_id = ? and ${isWaiting('p.')}`,
      [poolId],
    );
    return Number(row?.['waiting'] ?? 0);
  }

  #write<T>(what: string, work: (trx: GroupTransaction) => Promise<T>): Promise<T> {
    return repeatingHeard(what, () => this.#dialect.inTransaction(work));
  }
}
