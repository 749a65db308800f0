/**
 * The doorbell: tells workers that a program may be due. It carries no state. Losing, repeating or
 * delaying a hint costs time, never work, because the row is the truth and the poll finds every due row.
 */
export interface QueueManager {
  /**
   * Rings for these programs, with the same note for each. Resolves when every hint is confirmed, or has
   * failed and was reported through `onDispatchFailed`; never rejects. Callers need not wait for it.
   */
  ring(runIds: readonly string[], note?: HintNote): Promise<void>;

  /** Starts delivering hints, as soon as and as long as the dispatcher is reachable. */
  subscribe(options: SubscribeOptions): Subscription;

  /** True where hints come from outside this process: then fresh rows are left to their hints for a while. */
  readonly distributed: boolean;

  /** Waits up to `timeoutMs` for rings under way, then lets go of every connection. Never rejects. */
  close(timeoutMs: number): Promise<void>;
}

/**
 * What a hint says beside its program. `more`: there are more due programs than hints, and only the poll
 * finds them. `early`: the program is being created this very moment, and may not be there yet.
 */
export type HintNote = 'more' | 'early';

export interface SubscribeOptions {
  /** How many unsettled hints may be with this subscriber at once; early ones may be counted apart. */
  prefetch: number;
  onHint(hint: Hint): void;
}

export interface Subscription {
  /** No further hints; those already delivered can still be settled. Never rejects. */
  cancel(): Promise<void>;
}

/** One ring of the bell. Settle it once; later calls, and calls after its connection died, do nothing. */
export interface Hint {
  readonly runId: string;
  readonly note: HintNote | undefined;
  /** Done with: it will not come again. */
  ack(): void;
  /** Given back: another worker, or this one later, gets it. */
  requeue(): void;
}

/** What a queue manager reports; none of it stops anything. */
export interface QueueManagerEvents {
  onConnected(): void;
  onDisconnected(error: unknown): void;
  /** These programs were not rung for; the poll finds their rows. */
  onDispatchFailed(runIds: readonly string[], error: unknown): void;
}
