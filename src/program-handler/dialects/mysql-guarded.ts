import type { RowState } from '../../program/refusal.js';
import { toRowState } from '../rows.js';
import type { Claim, Db } from './dialect.js';
import { inTransaction, type Session } from './mysql-session.js';
import type { Statement, Transactions } from './mysql-transactions.js';

/** How a group is written. */
export interface GroupWrite<T extends Claim> {
  /** Selects the rows of a JSON array of ids, in its order, for update. */
  readonly lockText: string;
  /** The update of the rows whose guard holds, and then what belongs to these changes. */
  statements(group: readonly T[]): readonly [Statement, ...Statement[]];
}

/**
 * Writes a group; resolves with the ids of those whose guard held. A statement says how many rows it changed,
 * not which. Nearly always it is the whole group; when it is not, none of it stays, and the rows are locked
 * and compared first.
 */
export async function writeGuarded<T extends Claim>(
  transactions: Transactions,
  db: Db,
  group: readonly T[],
  write: GroupWrite<T>,
): Promise<number[]> {
  const sorted = byId(group);
  const isWritten =
    !db.isTransaction && (await writeWhole(transactions, sorted.length, write.statements(sorted)));
  return isWritten ? idsOf(sorted) : inTransaction(db, (session) => writeHeld(session, group, write));
}

/** Groups of several connections that lock their common rows in this order cannot deadlock. */
function byId<T extends Claim>(group: readonly T[]): T[] {
  return [...group].sort((a, b) => a.id - b.id);
}

/** Resolves with true if the first statement changes so many rows; else nothing is changed. */
async function writeWhole(
  transactions: Transactions,
  rowCount: number,
  [update, ...others]: readonly [Statement, ...Statement[]],
): Promise<boolean> {
  const isWhole = await transactions.run({
    block: {
      text: `begin not atomic
        declare changed bigint;
        set transaction isolation level read committed;
        start transaction;
        ${update.text};
        set changed = row_count();
        if changed = ? then ${others.map(({ text }) => `${text};`).join(' ')} commit;
        else rollback;
        end if;
        select changed;
      end`,
      values: [...update.values, rowCount, ...others.flatMap(({ values }) => values)],
    },
    read: ([row]) => Number(row?.['changed']) === rowCount || undefined,
    step: async (session) => {
      const { affectedRows } = await session.execute(update.text, update.values);
      if (affectedRows !== rowCount) return undefined;
      await executeAll(session, others);
      return true;
    },
  });
  return isWhole === true;
}

/** Writes those whose guard holds, within a transaction; resolves with their ids. */
export async function writeHeld<T extends Claim>(
  session: Session,
  group: readonly T[],
  { lockText, statements }: GroupWrite<T>,
): Promise<number[]> {
  const { rows } = await session.execute(lockText, [JSON.stringify(idsOf(byId(group)))]);
  const states = new Map(rows.map(toRowState).map((state) => [state.id, state]));
  const held = byId(group).filter((write) => isHeld(write, states.get(write.id)));
  if (held.length > 0) await executeAll(session, statements(held));
  return idsOf(held);
}

async function executeAll(session: Session, statements: readonly Statement[]): Promise<void> {
  for (const { text, values } of statements) await session.execute(text, values);
}

function isHeld(write: Claim & { readonly step?: number }, row: RowState | undefined): boolean {
  return (
    row !== undefined &&
    row.fence === write.fence &&
    row.claimedBy === write.claimedBy &&
    (write.step === undefined || row.step === write.step) &&
    !row.finished &&
    !row.errored
  );
}

function idsOf(group: readonly Claim[]): number[] {
  return group.map(({ id }) => id);
}
