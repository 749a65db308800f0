import type { GroupTransaction, NewProgram } from '../dialects/dialect.js';
import { forIds, type LineTables } from './line-tables.js';

/** The lines of programs that were just inserted are asked when the first of them is ready. */
export async function openWaitingOf(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly NewProgram[],
): Promise<void> {
  const soonest = new Map<number, NewProgram>();
  for (const program of programs)
    if (program.line && isSooner(program, soonest.get(program.line.lineId)))
      soonest.set(program.line.lineId, program);
  await openNow(
    trx,
    t,
    [...soonest].filter(([, { delayMs }]) => delayMs === 0).map(([id]) => id),
  );
  for (const [lineId, program] of [...soonest].sort(([a], [b]) => a - b))
    if (program.delayMs !== 0) await openLater(trx, t, lineId, program);
}

/** Without a condition, so that it waits for a claim that is about to close the line. */
export async function openNow(
  trx: GroupTransaction,
  t: LineTables,
  lineIds: readonly number[],
): Promise<void> {
  if (lineIds.length === 0) return;
  const now = t.terms.nowMs;
  const turn = `case when turn_at is null or turn_at > ${now} then ${now} else turn_at end`;
  const { text, values } = forIds(t, `update ${t.lines} set turn_at = ${turn}`, 'id', lineIds);
  await trx.run(text, values);
}

async function openLater(
  trx: GroupTransaction,
  { lines, terms }: LineTables,
  lineId: number,
  { dueAt, delayMs }: NewProgram,
): Promise<void> {
  const at = dueAt === null ? `${terms.nowMs} + ${delayMs}` : String(dueAt);
  await trx.run(
    `update ${lines} set turn_at = case when turn_at is null or turn_at > ${at} then ${at} else turn_at end
     where id = ?`,
    [lineId],
  );
}

/** A delay is counted from now, and a moment is compared with the clock of this process: it may be a little late. */
function isSooner(program: NewProgram, other: NewProgram | undefined): boolean {
  return other === undefined || waitMs(program) < waitMs(other);
}

function waitMs({ dueAt, delayMs }: NewProgram): number {
  return delayMs ?? Number(dueAt) - Date.now();
}
