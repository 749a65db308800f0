import type { Knex } from 'knex';
import { whetherMet } from '../program/holders.js';
import type { Transition } from '../program/transition.js';
import type { Logger } from '../telemetry/logger.js';
import { ClaimLane } from './claim-lane.js';
import { describeFault, type FaultKind } from './database-faults.js';
import type { Dialect, JobDataWrite, NewProgram } from './dialects/dialect.js';
import { GroupCommit } from './group-commit.js';
import { UNAVAILABLE_AFTER_MS } from './repeating.js';

/**
 * The one way to the table for everything that happens often: each kind of write has a lane, and each lane
 * commits whole groups. Transitions and data writes resolve with whether their guard still held.
 */
export class Bookkeeper {
  readonly inserts: GroupCommit<NewProgram, void>;
  readonly transitions: GroupCommit<Transition, boolean>;
  readonly jobData: GroupCommit<JobDataWrite, boolean>;
  readonly #dialect: Dialect;
  readonly #onFailedCommit: (error: unknown) => void;
  readonly #claimLanes = new Set<ClaimLane>();

  constructor(dialect: Dialect, knex: Knex, logger: Logger) {
    this.#dialect = dialect;
    const onFailedCommit = (error: unknown) => logger.warn('database-error', describeFault(error));
    this.#onFailedCommit = onFailedCommit;
    const { commitsAtOnce } = dialect;
    this.inserts = new GroupCommit({
      commit: async (programs) => {
        await dialect.insert(programs, knex);
        return programs.map(() => undefined);
      },
      shouldRepeat: whileItMayPass,
      sizeOf: ({ jobs, programData, jobData }) => jobs.length + programData.length + jobData.length,
      onFailedCommit,
      commitsAtOnce,
    });
    this.transitions = new GroupCommit({
      commit: async (changes) => whetherMet(changes, await dialect.transition(changes, knex)),
      shouldRepeat: untilItSucceeds,
      sizeOf: ({ attempt }) => 512 + (attempt?.result?.length ?? 0) + (attempt?.error?.length ?? 0),
      onFailedCommit,
      commitsAtOnce,
    });
    this.jobData = new GroupCommit({
      commit: async (writes) => whetherMet(writes, await dialect.saveJobData(writes)),
      shouldRepeat: untilItSucceeds,
      sizeOf: ({ jobData }) => jobData.length,
      onFailedCommit,
      commitsAtOnce,
    });
  }

  /** A lane for the claims of one consumer. */
  openClaims(workerId: string, leaseMs: number, graceMs: number): ClaimLane {
    const lane = new ClaimLane(this.#dialect, { workerId, leaseMs, graceMs }, this.#onFailedCommit);
    this.#claimLanes.add(lane);
    return lane;
  }

  /** Rejects what waits for a database that does not answer. */
  close(reason: Error): void {
    for (const lane of [this.inserts, this.transitions, this.jobData, ...this.#claimLanes])
      lane.close(reason);
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
