/**
 * What a transition sets on row `p` from input row `i`, the same in every dialect.
 * @param target how the dialect qualifies an assigned column: '' or 'p.'
 */
export function transitionAssignments(target: '' | 'p.', now: string, timestamp: string): string {
  const assignments = {
    step: 'i.next_step',
    step_retry_count: 'i.retries',
    lost_count: 'i.lost_count',
    error_message: 'coalesce(i.message, p.error_message)',
    finished_at: `case when i.ended = 'finished' then ${timestamp} end`,
    errored_at: `case when i.ended = 'errored' then ${timestamp} end`,
    // Somebody may have cancelled it and taken that back by hand: what counts is how it ends now.
    cancelled_at: 'case when i.ended is null then p.cancelled_at end',
    due_at: `case when i.delay_ms is null then p.due_at else ${now} + i.delay_ms end`,
    // Its lease was over for a while, so it was to go back to its line.
    ready_at: 'case when i.ended is null then p.ready_at end',
    claimed_by: 'case when i.released = 1 then null else p.claimed_by end',
    claimed_until: 'case when i.released = 1 then null else p.claimed_until end',
  };
  return Object.entries(assignments)
    .map(([column, value]) => `${target}${column} = ${value}`)
    .join(', ');
}
