/** Ends a `like` with a pattern of `claimsOf`. */
export const LIKE_ESCAPED = `escape '!'`;

/**
 * The pattern of the claims of a worker. Not a comparison of ranges: where `:` and `-` stand in the order of letters is
 * up to the collation.
 */
export function claimsOf(workerId: string): string {
  return `${workerId.replace(/[!%_]/g, '!$&')}:%`;
}
