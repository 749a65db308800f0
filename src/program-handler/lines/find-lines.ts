import type { Line, LineOwner } from '../../program/line.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { LineTables } from './line-tables.js';

/** The lines of these owners; those that do not exist yet are made, as are their pools. */
export async function findLines(
  trx: GroupTransaction,
  t: LineTables,
  owners: readonly LineOwner[],
): Promise<Line[]> {
  const found = new Map<string, Line>();
  for (const owner of owners) {
    const key = ownerKey(owner);
    if (!found.has(key)) found.set(key, t.known.get(key) ?? (await makeLine(trx, t, owner)));
  }
  return owners.map((owner) => found.get(ownerKey(owner)) as Line);
}

/** To be called when the transaction is committed: what is rolled back exists for nobody. */
export function remember({ known }: LineTables, lines: readonly Line[]): void {
  if (known.size > MOST_KNOWN) known.clear();
  for (const line of lines) known.set(ownerKey(line), line);
}

const MOST_KNOWN = 100_000;

function ownerKey({ pool, batchId, priority, key }: LineOwner): string {
  return `${batchId ?? 0}:${priority}:${pool.length}:${pool}${key}`;
}

async function makeLine(trx: GroupTransaction, t: LineTables, owner: LineOwner): Promise<Line> {
  const { pool, batchId, key, priority } = owner;
  const poolId = await poolIdOf(trx, t, pool);
  const values = [poolId, batchId ?? 0, key, priority];
  const find = `select id from ${t.lines} where pool_id = ? and batch_id = ? and line_key = ? and priority = ?`;
  const [found] = await trx.read(find, values);
  const id = Number(found?.['id'] ?? (await inserted()));
  return { id, poolId, pool, batchId, key, priority };

  async function inserted(): Promise<unknown> {
    const columns = 'pool_id, batch_id, line_key, priority';
    await trx.run(
      `insert into ${t.lines} (${columns}) values (?, ?, ?, ?) ${t.terms.ignoringExisting('pool_id')}`,
      values,
    );
    const [row] = await readNew(trx, t, find, values);
    return row?.['id'];
  }
}

/** A pool that nobody has set has no limits. */
export async function poolIdOf(trx: GroupTransaction, t: LineTables, name: string): Promise<number> {
  const find = `select id from ${t.pools} where name = ?`;
  const [found] = await trx.read(find, [name]);
  if (found) return Number(found['id']);
  await trx.run(`insert into ${t.pools} (name) values (?) ${t.terms.ignoringExisting('name')}`, [name]);
  const [row] = await readNew(trx, t, find, [name]);
  return Number(row?.['id']);
}

/**
 * A row that was just inserted, or stood in the way. In a caller's transaction, which may see no more than was there
 * at its start, MySQL shows the latter to those who lock it.
 */
function readNew(trx: GroupTransaction, { terms }: LineTables, find: string, values: readonly unknown[]) {
  return trx.read(`${find} ${terms.forUpdate}`, values);
}
