import type { Dialect, GroupTransaction } from '../../../src/program-handler/dialects/dialect.js';
import type { LineTables } from '../../../src/program-handler/lines/line-tables.js';
import type { Row } from '../../../src/program-handler/rows.js';
import {
  batchColumns,
  idOf,
  ONE,
  POOL,
  poolColumns,
  programColumns,
  slotColumns,
  toBatch,
  toIsPoolOpen,
  toProgram,
  toSlot,
  toTurn,
  turnColumns,
} from './columns.js';
import { MAX_PARALLELISM, type World } from './state.js';

/** Real tables that hold a world of the model. */
export class RealWorld {
  readonly #dialect: Dialect;
  readonly #tables: LineTables;

  constructor(dialect: Dialect, tables: LineTables) {
    this.#dialect = dialect;
    this.#tables = tables;
  }

  /** The rows that stay, whatever is put. */
  create(): Promise<void> {
    const { pools, lines, batches } = this.#tables;
    return this.#write(async (trx) => {
      await insert(trx, pools, { id: ONE, name: POOL, max_parallelism: MAX_PARALLELISM });
      await insert(trx, lines, { id: ONE, pool_id: ONE, batch_id: ONE, line_key: '', priority: 0 });
      const callback = { on_complete: '{"job":"done"}', sealed_at: 1, created_at: 1 };
      await insert(trx, batches, { id: ONE, code: 'letters', interruption: '{}', ...callback });
    });
  }

  /** @param first of the programs, the one that has waited longest */
  put(world: World, first: number | undefined): Promise<void> {
    const { programs, slots, pools, lines, batches } = this.#tables;
    return this.#write(async (trx) => {
      await trx.run(`delete from ${slots}`);
      await trx.run(`delete from ${programs}`);
      for (const [index, program] of world.programs.entries())
        await insert(trx, programs, programColumns(program, index, index === first));
      for (const slot of world.slots) await insert(trx, slots, slotColumns(slot));
      await update(trx, batches, batchColumns(world));
      await update(trx, lines, turnColumns(world));
      await update(trx, pools, poolColumns(world));
    });
  }

  /** @param before what was put; programs that it does not have are callbacks */
  get(before: World): Promise<World> {
    const { programs, slots, pools, lines, batches } = this.#tables;
    return this.#write(async (trx) => {
      const rows = await trx.read(`select * from ${programs} order by id`);
      const mine = rows.filter((row) => Number(row['id']) <= idOf(before.programs.length - 1));
      const [batch, line, pool] = await Promise.all(
        [batches, lines, pools].map(async (table) => (await trx.read(`select * from ${table}`))[0] as Row),
      );
      return {
        programs: mine.map(toProgram),
        slots: (await trx.read(`select * from ${slots} order by program_id, claimed_by`)).map(toSlot),
        turn: toTurn(line as Row),
        isPoolOpen: toIsPoolOpen(pool as Row),
        batch: toBatch(batch as Row),
        callbacks: before.callbacks + rows.length - mine.length,
      };
    });
  }

  #write<T>(work: (trx: GroupTransaction) => Promise<T>): Promise<T> {
    return this.#dialect.inTransaction(work);
  }
}

async function insert(trx: GroupTransaction, table: string, row: Row): Promise<void> {
  const columns = Object.keys(row);
  const marks = columns.map(() => '?').join(', ');
  await trx.run(`insert into ${table} (${columns.join(', ')}) values (${marks})`, Object.values(row));
}

async function update(trx: GroupTransaction, table: string, row: Row): Promise<void> {
  const assignments = Object.keys(row)
    .map((column) => `${column} = ?`)
    .join(', ');
  await trx.run(`update ${table} set ${assignments} where id = ?`, [...Object.values(row), ONE]);
}
