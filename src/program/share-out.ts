/** A line that asks for programs to be started. */
export interface Asking {
  readonly lineId: number;
  readonly key: string;
  readonly priority: number;
}

/**
 * How many programs each line may start, by its id: the highest priority first, and among lines of one priority in
 * turns of one, so that no key waits for another's backlog.
 * @param total most programs in all
 * @param roomOf most programs of a key, over all of its lines
 */
export function shareOut(
  lines: readonly Asking[],
  total: number,
  roomOf: (key: string) => number,
): Map<number, number> {
  const shares = new Map<number, number>();
  const rooms = new Map(lines.map(({ key }) => [key, roomOf(key)]));
  const priorities = [...new Set(lines.map(({ priority }) => priority))].sort((a, b) => b - a);
  let left = total;
  for (const priority of priorities)
    left = shareAmong(
      lines.filter((line) => line.priority === priority),
      left,
      rooms,
      shares,
    );
  return shares;
}

/** Gives of `total` to these lines, whose priority is the same; returns what is left. */
function shareAmong(
  lines: readonly Asking[],
  total: number,
  rooms: Map<string, number>,
  shares: Map<number, number>,
): number {
  const roomOf = ({ key }: Asking): number => rooms.get(key) ?? 0;
  let left = total;
  let asking = lines.filter((line) => roomOf(line) > 0);
  while (left > 0 && asking.length > 0) {
    const turn = Math.max(1, Math.floor(left / asking.length));
    for (const line of asking) {
      const given = Math.min(turn, roomOf(line), left);
      if (given > 0) shares.set(line.lineId, (shares.get(line.lineId) ?? 0) + given);
      rooms.set(line.key, roomOf(line) - given);
      left -= given;
    }
    asking = asking.filter((line) => roomOf(line) > 0);
  }
  return left;
}
