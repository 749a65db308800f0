import type { ClaimedProgram } from '../program/program.js';
import type { ClaimTerms, Dialect } from './dialects/dialect.js';
import { monotonicMs, msUntil } from '../program/monotonic-clock.js';
import { GroupCommit } from './group-commit.js';
import { PollProgress } from './poll-progress.js';
import type { LinedClaims } from './lines/lined-claims.js';
import { soonest, type ClaimedRow } from './rows.js';

/**
 * When a program is due which waits in no line is asked so often at most, in milliseconds, by a worker that claims
 * from lines: it would ask as often as it has room.
 */
const NONE_DUE_MS = 50;

interface RungClaim {
  readonly runId: string;
  /** Of the group that this claim came first in. */
  terms?: ClaimTerms;
}

/** Claims up to `limit` programs, group by group. */
type Claim = (limit: number) => AsyncIterable<ClaimedProgram[]> | Iterable<Promise<ClaimedProgram[]>>;

export interface ClaimLaneOptions {
  /** No other worker has it, nor had it. */
  readonly workerId: string;
  readonly leaseMs: number;
  readonly graceMs: number;
  /** Of the batch whose programs alone are claimed; undefined: all are. */
  readonly batchId: number | undefined;
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
  readonly #lined: LinedClaims;
  #groups = 0;
  #isTurnOfLines = false;
  /** When to ask for programs that wait in no line, while there are others. */
  #askPlainAtMs = -Infinity;
  #pollTerms: ClaimTerms;

  constructor(
    dialect: Dialect,
    lined: LinedClaims,
    options: ClaimLaneOptions,
    onFailedCommit: (error: unknown) => void,
  ) {
    this.#dialect = dialect;
    this.#lined = lined;
    this.#options = options;
    this.#pollTerms = this.#newTerms();
    this.#rung = new GroupCommit({
      commit: (group) => this.#claimGroup(group),
      shouldRepeat: () => true,
      sizeOf: () => 64,
      onFailedCommit,
      commitsAtOnce: dialect.commitsAtOnce,
      isBlocking: dialect.isBlocking,
    });
  }

  /** The programs rung for by this `runId` that are due: one, or none when the claim is refused. */
  claimRung(runId: string): Promise<ClaimedProgram[]> {
    return this.#rung.add({ runId });
  }

  /** Nothing of what this process has claimed is left to be looked at in a while. */
  settle(): Promise<void> {
    return this.#lined.settle();
  }

  /** What was claimed, but for programs that belong into a line: they go back there. */
  async #withoutStrays(rows: readonly ClaimedRow[]): Promise<readonly ClaimedRow[]> {
    const strays = rows.filter(({ lineId }) => lineId !== null);
    if (strays.length === 0) return rows;
    await this.#lined.takeBack(strays);
    return rows.filter(({ lineId }) => lineId === null);
  }

  /**
   * Up to `limit` due programs: urgent ones first, then by turns those that wait in lines, and the others, oldest
   * first. Each group comes as soon as it is claimed: it waits for no other one, nor is it lost with one that fails.
   * Throws the database's error; then just call again.
   */
  async *claimDue(limit: number): AsyncGenerator<ClaimedProgram[]> {
    const { isUrgent, isReady } = await this.#lined.look();
    let left = limit;
    for (const claim of this.#claimsInOrder(isUrgent, isReady)) {
      if (left <= 0) return;
      for await (const programs of claim(left)) {
        left -= programs.length;
        yield programs;
      }
    }
  }

  #claimsInOrder(isUrgent: boolean, isReady: boolean): Claim[] {
    if (!isReady) return [(limit) => [this.#claimPlain(limit)]];
    this.#isTurnOfLines = !this.#isTurnOfLines;
    const byTurns: Claim[] = [
      (limit) => this.#claimLined(limit, 0),
      (limit) => this.#claimPlainBeside(limit),
    ];
    const urgent: Claim[] = isUrgent ? [(limit) => this.#claimLined(limit, 1)] : [];
    return [...urgent, ...(this.#isTurnOfLines ? byTurns : byTurns.reverse())];
  }

  /** Programs may have been created, in lines too. */
  expectCreated(): void {
    this.expectDue(0);
    this.#lined.expect();
  }

  /** Something is due after `delayMs`. */
  expectDue(delayMs: number): void {
    this.#askPlainAtMs = Math.min(this.#askPlainAtMs, monotonicMs() + delayMs);
  }

  /** Milliseconds until a program may be due; undefined when none waits. */
  async untilDueMs(): Promise<number | undefined> {
    if (this.#options.batchId !== undefined) return this.#lined.untilReadyMs();
    const askPlainMs = msUntil(this.#askPlainAtMs);
    const plainMs = askPlainMs > 0 ? askPlainMs : await this.#dialect.untilDueMs(this.#options.graceMs);
    return plainMs === 0 ? 0 : soonest(plainMs, await this.#lined.untilReadyMs());
  }

  /** Beside lines: what was not there a moment ago is not asked for each time. */
  async *#claimPlainBeside(limit: number): AsyncGenerator<ClaimedProgram[]> {
    if (msUntil(this.#askPlainAtMs) > 0) return;
    const programs = await this.#claimPlain(limit);
    if (programs.length === 0) await this.#askWhenPlainDue();
    yield programs;
  }

  async #askWhenPlainDue(): Promise<void> {
    // Before the answer, so that what is expected meanwhile is not forgotten.
    this.#askPlainAtMs = monotonicMs() + NONE_DUE_MS;
    this.expectDue((await this.#dialect.untilDueMs(this.#options.graceMs)) ?? Infinity);
  }

  async #claimPlain(limit: number): Promise<ClaimedProgram[]> {
    const { graceMs, batchId } = this.#options;
    // Programs of a batch wait in lines.
    if (batchId !== undefined) return [];
    const sentAtMs = monotonicMs();
    const from = this.#progress.from(sentAtMs);
    const rows = await this.#dialect.claimDue({ limit, graceMs, fromMs: from }, this.#pollTerms);
    this.#progress.found(rows, limit, { from, sentAtMs }, monotonicMs());
    this.#pollTerms = this.#newTerms();
    return (await this.#withoutStrays(rows)).map((row) => claimedAt(sentAtMs, row));
  }

  async *#claimLined(limit: number, minPriority: 0 | 1): AsyncGenerator<ClaimedProgram[]> {
    let sentAtMs = monotonicMs();
    for await (const rows of this.#lined.claim(limit, minPriority, () => this.#newTerms())) {
      yield rows.map((row) => claimedAt(sentAtMs, row));
      sentAtMs = monotonicMs();
    }
  }

  get isClosed(): boolean {
    return this.#rung.isClosed;
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
    const rows = await this.#dialect.claimRung([...runIds], first.terms);
    for (const row of await this.#withoutStrays(rows)) {
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
