import { idsOf, toClaimedProgram, type ClaimedRow, type Row } from '../rows.js';
import type { ClaimTerms } from './dialect.js';
import type { claimSql } from './mysql-claim-sql.js';
import type { Transactions } from './mysql-transactions.js';

type ClaimSql = ReturnType<typeof claimSql>['byId'];

/** Locks what may be claimed of the programs with these keys, passing over what others lock, and claims it. */
export function claimByKeys(
  transactions: Transactions,
  { block, lock, change }: ClaimSql,
  keys: readonly unknown[],
  { claimedBy, leaseMs }: ClaimTerms,
): Promise<ClaimedRow[]> {
  const lockValues = [JSON.stringify(keys), claimedBy];
  const changeValues = [claimedBy, claimedBy, leaseMs];
  return transactions.run({
    block: { text: block, values: [...lockValues, ...changeValues] },
    read: (rows) => rows.map(toClaimedProgram),
    step: async (session) => {
      const { rows } = await session.execute(lock, lockValues);
      if (rows.length > 0) await session.query(change(rows.length), [...changeValues, ...idsOf(rows)]);
      return rows.map((row) => claimed(row, claimedBy));
    },
  });
}

/** A locked row as it reads after the claim. */
function claimed(row: Row, claimedBy: string): ClaimedRow {
  const before = toClaimedProgram(row);
  const isFresh = row['claimed_by'] === null || row['claimed_by'] === claimedBy;
  return { ...before, claimedBy, fence: before.fence + 1, lostCount: before.lostCount + (isFresh ? 0 : 1) };
}
