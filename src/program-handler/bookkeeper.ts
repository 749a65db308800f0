import type { Knex } from 'knex';
import type { BatchEndedError } from '../errors/index.js';
import { whetherMet } from '../program/holders.js';
import type { Transition } from '../program/transition.js';
import type { Logger } from '../telemetry/logger.js';
import { ClaimLane, type ClaimLaneOptions } from './claim-lane.js';
import { describeFault, type FaultKind } from './database-faults.js';
import type { Dialect, JobDataWrite, NewProgram } from './dialects/dialect.js';
import { GroupCommit, type GroupCommitOptions } from './group-commit.js';
import { remember } from './lines/find-lines.js';
import { HouseKeeping } from './lines/house-keeping.js';
import { insertAndOpen, type NewLinedProgram } from './lines/insert-lined.js';
import { leaveLines, type LeavingTransition } from './lines/leave.js';
import type { LineTables } from './lines/line-tables.js';
import { LinedClaims } from './lines/lined-claims.js';
import { UNAVAILABLE_AFTER_MS } from './repeating.js';

/** How often a worker looks whether there are lines at all, in milliseconds. */
const LOOK_MS = 1_000;
const LOOK_WITH_BROKER_MS = 120_000;

type LaneOptions<Item, Result> = Omit<
  GroupCommitOptions<Item, Result>,
  'onFailedCommit' | 'commitsAtOnce' | 'isBlocking'
>;

export interface BookkeeperParts {
  readonly logger: Logger;
  /** Programs were created together with the end of others. */
  readonly onCreated: (runIds: readonly string[]) => void;
}

/**
 * The one way to the table for everything that happens often: each kind of write has a lane, and each lane
 * commits whole groups. Transitions and data writes resolve with whether their guard still held.
 */
export class Bookkeeper {
  readonly inserts: GroupCommit<NewProgram, void>;
  readonly transitions: GroupCommit<Transition, boolean>;
  readonly jobData: GroupCommit<JobDataWrite, boolean>;
  /** Programs that wait in lines; resolves with why one was refused: that is no matter of the others in its group. */
  readonly linedInserts: GroupCommit<NewLinedProgram, BatchEndedError | undefined>;
  /** Transitions by which programs leave the slots that they hold. */
  readonly leavings: GroupCommit<LeavingTransition, boolean>;
  readonly #lines: LineTables;
  readonly #dialect: Dialect;
  readonly #onFailedCommit: (error: unknown) => void;
  readonly #onCreated: BookkeeperParts['onCreated'];
  readonly #claimLanes = new Set<ClaimLane>();

  constructor(dialect: Dialect, knex: Knex, lines: LineTables, parts: BookkeeperParts) {
    const { logger, onCreated } = parts;
    this.#dialect = dialect;
    this.#lines = lines;
    this.#onCreated = onCreated;
    this.#onFailedCommit = (error) => logger.warn('database-error', describeFault(error));
    this.inserts = this.#lane({
      commit: async (programs) => {
        await dialect.insert(programs, knex);
        return programs.map(() => undefined);
      },
      shouldRepeat: whileItMayPass,
      sizeOf: sizeOfProgram,
    });
    this.linedInserts = this.#lane({
      commit: async (programs: readonly NewLinedProgram[]) => {
        const inserted = await dialect.inTransaction((trx) => insertAndOpen(trx, lines, programs));
        remember(lines, inserted.lines);
        return programs.map((_, index) => inserted.refusals[index]);
      },
      shouldRepeat: whileItMayPass,
      sizeOf: (program) => sizeOfProgram(program),
    });
    this.transitions = this.#lane({
      commit: async (changes) => whetherMet(changes, await dialect.transition(changes, knex)),
      shouldRepeat: untilItSucceeds,
      sizeOf: sizeOfTransition,
    });
    this.leavings = this.#lane({
      commit: async (changes: readonly LeavingTransition[]) => {
        const { areMet, created } = await dialect.inTransaction((trx) => leaveLines(trx, lines, changes));
        if (created.length > 0) onCreated(created);
        for (const [index, { claimedBy, id }] of changes.entries())
          if (areMet[index]) lines.ownClaims.left(claimedBy, id);
        return areMet;
      },
      shouldRepeat: untilItSucceeds,
      sizeOf: (change) => sizeOfTransition(change),
    });
    this.jobData = this.#lane({
      commit: async (writes) => whetherMet(writes, await dialect.saveJobData(writes)),
      shouldRepeat: untilItSucceeds,
      sizeOf: ({ jobData }) => jobData.length,
    });
  }

  #lane<Item, Result>(what: LaneOptions<Item, Result>): GroupCommit<Item, Result> {
    const { commitsAtOnce, isBlocking } = this.#dialect;
    return new GroupCommit({ ...what, onFailedCommit: this.#onFailedCommit, commitsAtOnce, isBlocking });
  }

  /** A lane for the claims of one consumer. */
  openClaims(options: ClaimLaneOptions): ClaimLane {
    // Without a broker no hint says that there are lines by now.
    const lookMs = options.graceMs > 0 ? LOOK_WITH_BROKER_MS : LOOK_MS;
    const house = new HouseKeeping(this.#dialect, this.#lines, this.#onCreated);
    const lined = new LinedClaims(this.#dialect, this.#lines, house, { lookMs, batchId: options.batchId });
    const lane = new ClaimLane(this.#dialect, lined, options, this.#onFailedCommit);
    this.#forgetClosed();
    this.#claimLanes.add(lane);
    return lane;
  }

  /** Why a lane was closed is an error, whose stack keeps the worker. */
  #forgetClosed(): void {
    for (const lane of this.#claimLanes) if (lane.isClosed) this.#claimLanes.delete(lane);
  }

  get #lanes() {
    return [this.inserts, this.linedInserts, this.transitions, this.leavings, this.jobData];
  }

  /** Rejects what waits for a database that does not answer. */
  close(reason: Error): void {
    for (const lane of [...this.#lanes, ...this.#claimLanes]) lane.close(reason);
  }
}

/** Callers of createProgram want to hear of an unreachable database soon. */
function whileItMayPass(kind: FaultKind, elapsedMs: number): boolean {
  return kind === 'transient' && elapsedMs < UNAVAILABLE_AFTER_MS;
}

/**
 * What a worker has to write stays true however long it takes: the fence decides, not the time. Where nothing
 * can be written any more, the run ends, so that its lease ends too and another worker takes over.
 */
function untilItSucceeds(kind: FaultKind): boolean {
  return kind !== 'data' && kind !== 'destroyed';
}

/** Roughly, in bytes. */
function sizeOfProgram({ jobs, programData, jobData }: NewProgram): number {
  return jobs.length + programData.length + jobData.length;
}

function sizeOfTransition({ attempt }: Transition): number {
  return 512 + (attempt?.result?.length ?? 0) + (attempt?.error?.length ?? 0);
}
