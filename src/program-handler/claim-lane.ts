import type { ClaimedProgram } from '../program/program.js';
import type { ClaimTerms, Dialect } from './dialects/dialect.js';
import { monotonicMs } from '../program/monotonic-clock.js';
import { GroupCommit } from './group-commit.js';
import { PollProgress } from './poll-progress.js';
import type { ClaimedRow } from './rows.js';

interface RungClaim {
  readonly runId: string;
  /** Of the group that this claim came first in. */
  terms?: ClaimTerms;
}

export interface ClaimLaneOptions {
  /** No other worker has it, nor had it. */
  readonly workerId: string;
  readonly leaseMs: number;
  readonly graceMs: number;
}

/**
 * The claims of one consumer. Each group has a token of its own, which is kept while its claim is repeated:
 * what reads that token is mine, also when the reply that said so was lost.
 */
export class ClaimLane {
  readonly #dialect: Dialect;
  readonly #options: ClaimLaneOptions;
  readonly #rung: GroupCommit<RungClaim, ClaimedProgram[]>;
  readonly #progress = new PollProgress();
  #groups = 0;
  #pollTerms: ClaimTerms;

  constructor(dialect: Dialect, options: ClaimLaneOptions, onFailedCommit: (error: unknown) => void) {
    this.#dialect = dialect;
    this.#options = options;
    this.#pollTerms = this.#newTerms();
    this.#rung = new GroupCommit({
      commit: (group) => this.#claimGroup(group),
      shouldRepeat: () => true,
      sizeOf: () => 64,
      onFailedCommit,
      commitsAtOnce: dialect.commitsAtOnce,
    });
  }

  /** The programs rung for by this `runId` that are due: one, or none when the claim is refused. */
  claimRung(runId: string): Promise<ClaimedProgram[]> {
    return this.#rung.add({ runId });
  }

  /** Up to `limit` due programs, oldest first. Rejects with the database's error; then just call again. */
  async claimDue(limit: number): Promise<ClaimedProgram[]> {
    const sentAtMs = monotonicMs();
    const { graceMs } = this.#options;
    const fromMs = this.#progress.from(sentAtMs);
    const rows = await this.#dialect.claimDue({ limit, graceMs, fromMs }, this.#pollTerms);
    this.#progress.found(rows, limit);
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

  /** A program that was rung for twice is handed out once. */
  async #claimGroup(group: readonly RungClaim[]): Promise<ClaimedProgram[][]> {
    const [first] = group;
    if (!first) return [];
    first.terms ??= this.#newTerms();
    const sentAtMs = monotonicMs();
    const runIds = new Set(group.map(({ runId }) => runId));
    const byRunId = new Map<string, ClaimedProgram[]>();
    for (const row of await this.#dialect.claimRung([...runIds], first.terms)) {
      const others = byRunId.get(row.runId);
      if (others) others.push(claimedAt(sentAtMs, row));
      else byRunId.set(row.runId, [claimedAt(sentAtMs, row)]);
    }
    return group.map(({ runId }) => taken(byRunId, runId));
  }

  #newTerms(): ClaimTerms {
    const { workerId, leaseMs } = this.#options;
    this.#groups += 1;
    return { claimedBy: `${workerId}:${this.#groups}`, leaseMs };
  }
}

function taken(byRunId: Map<string, ClaimedProgram[]>, runId: string): ClaimedProgram[] {
  const programs = byRunId.get(runId) ?? [];
  byRunId.delete(runId);
  return programs;
}

function claimedAt(claimedAtMs: number, row: ClaimedRow): ClaimedProgram {
  return { ...row, claimedAtMs };
}
