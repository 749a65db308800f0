/** A claim, as far as it takes to tell it from an earlier one of the same program. */
interface Fenced {
  readonly id: number;
  readonly fence: number;
}

/**
 * Which claims of a group a statement has met, when it said the ids of their rows. A worker may have claimed a
 * program again before its earlier run is over: then both are in the group, and the row is the later one's.
 */
export function whetherMet(group: readonly Fenced[], ids: readonly number[]): boolean[] {
  if (ids.length === group.length) return group.map(() => true);
  const met = new Set(ids);
  const fences = new Map<number, number>();
  for (const { id, fence } of group) fences.set(id, Math.max(fence, fences.get(id) ?? fence));
  return group.map(({ id, fence }) => met.has(id) && fences.get(id) === fence);
}
