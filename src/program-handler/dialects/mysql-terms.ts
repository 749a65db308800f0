/** Written so that no index on these columns serves it: a statement that knows its keys is to use them alone. */
export const UNENDED = 'coalesce(p.finished_at, p.errored_at) is null';

/** The programs `p` of input rows `i`, in their order; a young table would be read, and locked, as a whole. */
export function byId(programs: string, input: string): string {
  return `${input} straight_join \`${programs}\` p force index (primary) on p.id = i.id`;
}
