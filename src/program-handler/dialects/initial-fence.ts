/**
 * The fence of a new row: 1 for a program with a delay. Nobody rings for that, so the poll, which leaves rows
 * with fence 0 to their hints for a while, is to take it as soon as it is due.
 * @param delayMs expression for the delay; null where an absolute time was given
 */
export function initialFence(delayMs: string): string {
  return `case when coalesce(${delayMs}, 1) = 0 then 0 else 1 end`;
}
