import { v4 as uuid } from 'uuid';
import type { ClaimedProgram } from '../program/program.js';
import type { ClaimTerms, Dialect } from './dialects/dialect.js';
import { monotonicMs } from '../program/monotonic-clock.js';
import { GroupCommit } from './group-commit.js';
import type { ClaimedRow } from './rows.js';

interface RungClaim {
  readonly runId: string;
  readonly terms: ClaimTerms;
}

export interface ClaimLaneOptions {
  /** Host and pid, for people. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly graceMs: number;
}

/**
 * The claims of one consumer. Each claim has a token of its own, which is kept while the claim is repeated:
 * what reads that token is mine, also when the reply that said so was lost.
 */
export class ClaimLane {
  readonly #dialect: Dialect;
  readonly #options: ClaimLaneOptions;
  readonly #rung: GroupCommit<RungClaim, ClaimedProgram[]>;
  #pollTerms: ClaimTerms;

  constructor(dialect: Dialect, options: ClaimLaneOptions, onFailedCommit: (error: unknown) => void) {
    this.#dialect = dialect;
    this.#options = options;
    this.#pollTerms = this.#newTerms();
    this.#rung = new GroupCommit({
      commit: (group) => claimGroup(dialect, group),
      shouldRepeat: () => true,
      sizeOf: () => 64,
      onFailedCommit,
      commitsAtOnce: dialect.commitsAtOnce,
    });
  }

  /** The programs rung for by this `runId` that are due: one, or none when the claim is refused. */
  claimRung(runId: string): Promise<ClaimedProgram[]> {
    return this.#rung.add({ runId, terms: this.#newTerms() });
  }

  /** Up to `limit` due programs, oldest first. Rejects with the database's error; then just call again. */
  async claimDue(limit: number): Promise<ClaimedProgram[]> {
    const sentAtMs = monotonicMs();
    const rows = await this.#dialect.claimDue(limit, this.#options.graceMs, this.#pollTerms);
    this.#pollTerms = this.#newTerms();
    return rows.map((row) => claimedAt(sentAtMs, row));
  }

  /** Milliseconds until a program may be due; undefined when none waits. */
  untilDueMs(): Promise<number | undefined> {
    return this.#dialect.untilDueMs(this.#options.graceMs);
  }

  close(reason: Error): void {
    this.#rung.close(reason);
  }

  #newTerms(): ClaimTerms {
    return { claimedBy: `${this.#options.owner}:${uuid()}`, leaseMs: this.#options.leaseMs };
  }
}

/** A group shares its first member's token; a program that was rung for twice is handed out once. */
async function claimGroup(dialect: Dialect, group: readonly RungClaim[]): Promise<ClaimedProgram[][]> {
  const [first] = group;
  if (!first) return [];
  const sentAtMs = monotonicMs();
  const rows = await dialect.claimRung([...new Set(group.map(({ runId }) => runId))], first.terms);
  const byRunId = new Map<string, ClaimedProgram[]>();
  for (const row of rows)
    byRunId.set(row.runId, [...(byRunId.get(row.runId) ?? []), claimedAt(sentAtMs, row)]);
  return group.map(({ runId }) => {
    const programs = byRunId.get(runId) ?? [];
    byRunId.delete(runId);
    return programs;
  });
}

function claimedAt(claimedAtMs: number, row: ClaimedRow): ClaimedProgram {
  return { ...row, claimedAtMs };
}
