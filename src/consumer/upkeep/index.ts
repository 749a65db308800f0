import { hostname } from 'node:os';
import type { Retention } from '../../program/retention.js';
import type { Upkeep } from '../../program-handler/index.js';
import type { Emit } from '../../telemetry/events.js';
import type { Logger } from '../../telemetry/logger.js';
import { packageVersion } from '../../package-version.js';
import type { StepCounts } from '../step-counts.js';
import { Heartbeat } from './heartbeat.js';
import { Housekeeping } from './housekeeping.js';
import { MinuteReport } from './minute-report.js';

export interface UpkeepParts {
  readonly workerId: string;
  readonly jobs: readonly string[];
  readonly slots: number;
  /** Code of the batch that it is for; null: it is for all programs. */
  readonly batch: string | null;
  readonly retention: Retention;
  readonly counts: StepCounts;
  readonly upkeep: Upkeep;
  readonly logger: Logger;
  readonly emit: Emit;
  /** Programs that are under way just now. */
  running(): number;
  /** Jobs that run just now: in so many of its slots. */
  runningJobs(): number;
}

/** What a worker does beside its programs; to be stopped with it. */
export class WorkerUpkeep {
  readonly #heartbeat: Heartbeat;
  readonly #report: MinuteReport;
  readonly #housekeeping: Housekeeping;

  constructor(parts: UpkeepParts) {
    const { workerId: id, jobs, slots, batch, counts } = parts;
    const identity = { host: hostname().slice(0, 255), pid: process.pid, version: packageVersion() };
    const worker = { id, ...identity, jobs, slots, batch };
    this.#heartbeat = new Heartbeat({ ...parts, worker, running: parts.runningJobs });
    this.#report = new MinuteReport(parts);
    this.#housekeeping = new Housekeeping({ ...parts, workDone: () => counts.total });
  }

  /** Resolves soon, also when the database is away. */
  async stop(): Promise<void> {
    await Promise.all([this.#heartbeat.stop(), this.#report.stop(), this.#housekeeping.stop()]);
  }
}
