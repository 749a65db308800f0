import type { GroupTransaction } from './dialect.js';
import type { SqlTerms } from './sql-terms.js';

/** The transaction with `leave`, on databases where a statement changes one table only. */
export function leavingInTurn(
  trx: Omit<GroupTransaction, 'leave'>,
  slots: string,
  terms: SqlTerms,
): GroupTransaction {
  return {
    ...trx,
    leave: async (changes) => {
      const ids = await trx.transition(changes);
      return { ids, settled: ids.length > 0 ? await giveBack(trx, terms.quote(slots), ids, terms) : [] };
    },
  };
}

async function giveBack(
  { read, run }: Pick<GroupTransaction, 'read' | 'run'>,
  slots: string,
  programIds: readonly number[],
  terms: SqlTerms,
) {
  const { text, values } = terms.among('program_id', programIds);
  const settled = await read(
    `select program_id, claimed_by from ${slots} where ${text} and is_settled = 1`,
    values,
  );
  await run(`delete from ${slots} where ${text}`, values);
  return settled;
}
