import type { Backlog, Upkeep } from '../../program-handler/index.js';
import type { Emit, WorkerReport } from '../../telemetry/events.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Counts, StepCounts } from '../step-counts.js';
import { Rounds } from './rounds.js';

const MINUTE_MS = 60_000;
/** A worker with nothing to report looks at the backlog every so many minutes. */
const LOOK_EVERY = 10;

export interface MinuteReportParts {
  readonly workerId: string;
  readonly counts: StepCounts;
  readonly upkeep: Pick<Upkeep, 'backlog'>;
  readonly logger: Logger;
  readonly emit: Emit;
  /** Programs that are under way just now. */
  running(): number;
}

/** Says each minute what a worker has done and, where it is its turn, what waits; nothing where nothing happens. */
export class MinuteReport {
  readonly #parts: MinuteReportParts;
  readonly #rounds: Rounds;
  #quietMinutes = 0;
  #hasBacklog = false;

  constructor(parts: MinuteReportParts, everyMs = MINUTE_MS) {
    this.#parts = parts;
    this.#rounds = new Rounds(everyMs, async () => {
      await this.#report();
      return everyMs;
    });
  }

  /** Reports what has happened since the last minute was over. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    const counts = this.#parts.counts.take();
    if (counts.completed > 0) this.#tell(counts, undefined);
  }

  /** Never rejects. */
  async #report(): Promise<void> {
    const counts = this.#parts.counts.take();
    const isQuiet = counts.completed === 0 && this.#parts.running() === 0;
    this.#quietMinutes = isQuiet ? this.#quietMinutes + 1 : 0;
    const isLooking = !isQuiet || this.#hasBacklog || this.#quietMinutes % LOOK_EVERY === 0;
    const backlog = isLooking ? await this.#backlog() : undefined;
    this.#hasBacklog = (backlog?.programs ?? 0) > 0;
    if (!isQuiet || this.#hasBacklog) this.#tell(counts, backlog);
  }

  async #backlog(): Promise<Backlog | undefined> {
    const { upkeep, workerId } = this.#parts;
    try {
      return await upkeep.backlog(workerId);
    } catch {
      // The database is away, as others say: the report does without.
      return undefined;
    }
  }

  #tell(counts: Counts, backlog: Backlog | undefined): void {
    const { workerId, running, logger, emit } = this.#parts;
    const report: WorkerReport = {
      workerId,
      ...counts,
      ...ratesOf(counts),
      running: running(),
      ...(backlog && { backlog: backlog.programs, oldestAgeMs: backlog.oldestAgeMs }),
    };
    logger.info('report', logFieldsOf(report));
    emit('report', () => report);
  }
}

function ratesOf({ completed, failed, retries }: Counts) {
  return {
    failureRate: share(failed + retries, completed),
    permanentFailureRate: share(failed, completed - retries),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function logFieldsOf(report: WorkerReport): object {
  const { workerId, failureRate, permanentFailureRate, oldestAgeMs, ...counts } = report;
  return {
    worker: workerId,
    ...counts,
    failure_rate: failureRate,
    permanent_failure_rate: permanentFailureRate,
    ...(oldestAgeMs === undefined ? {} : { oldest_age_ms: oldestAgeMs }),
  };
}
