/** A line that asks for programs to be started. */
export interface Asking {
  readonly lineId: number;
  readonly key: string;
}

/**
 * How many programs each line may start, by its id: in turns of one, so that no key waits for another's backlog.
 * @param total most programs in all
 * @param roomOf most programs of a key, over all of its lines
 */
export function shareOut(
  lines: readonly Asking[],
  total: number,
  roomOf: (key: string) => number,
): Map<number, number> {
  const shares = new Map<number, number>();
  const rooms = new Map<string, number>();
  let left = total;
  let asking = lines.filter(({ key }) => roomOf(key) > 0);
  while (left > 0 && asking.length > 0) {
    const turn = Math.max(1, Math.floor(left / asking.length));
    for (const { lineId, key } of asking) {
      const room = rooms.get(key) ?? roomOf(key);
      const given = Math.min(turn, room, left);
      if (given > 0) shares.set(lineId, (shares.get(lineId) ?? 0) + given);
      rooms.set(key, room - given);
      left -= given;
    }
    asking = asking.filter(({ key }) => (rooms.get(key) ?? 0) > 0);
  }
  return shares;
}
