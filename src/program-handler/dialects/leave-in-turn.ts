import type { GroupTransaction } from './dialect.js';
import type { SqlTerms } from './sql-terms.js';

/** What a slot tells once it is gone. */
export const SLOT_COLUMNS = ['program_id', 'claimed_by', 'is_settled'];

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
      return { ids, slots: ids.length > 0 ? await deleted(trx, terms.quote(slots), ids, terms) : [] };
    },
  };
}

async function deleted(
  { read, run }: Pick<GroupTransaction, 'read' | 'run'>,
  slots: string,
  programIds: readonly number[],
  terms: SqlTerms,
) {
  const { text, values } = terms.among('program_id', programIds);
  const columns = SLOT_COLUMNS.join(', ');
  const remove = `delete from ${slots} where ${text}`;
  if (terms.hasReturning) return read(`${remove} returning ${columns}`, values);
  const held = await read(`select ${columns} from ${slots} where ${text}`, values);
  await run(remove, values);
  return held;
}
