/** What programs wait in that have more than jobs and data: all of one pool, batch, key and priority. */
export interface Line {
  readonly id: number;
  readonly poolId: number;
  /** The name of the pool; '' is the one without limits. */
  readonly pool: string;
  /** null: of no batch. */
  readonly batchId: number | null;
  /** '' is none. */
  readonly key: string;
  readonly priority: number;
}

/** Whose line a program is to wait in. */
export type LineOwner = Omit<Line, 'id' | 'poolId'>;
