import { WorkerStoppedError } from '../errors/index.js';
import { checkStopTimeout, type CheckedWorkerOptions } from '../config/index.js';
import { knownJobs } from '../jobs/index.js';
import type { ClaimedProgram } from '../program/program.js';
import type { Retention } from '../program/retention.js';
import type { BatchRow, ClaimLane } from '../program-handler/index.js';
import type { Hint, QueueManager, Subscription } from '../queue-manager/index.js';
import type { RunEnvironment } from './environment.js';
import { Intake } from './intake.js';
import { JobSlots } from './job-slots.js';
import type { Leases } from './leases/index.js';
import { Poller } from './poller.js';
import { ProgramRun } from './program-run.js';
import { Quarantine } from './quarantine.js';
import { StepCounts } from './step-counts.js';
import { WorkerUpkeep } from './upkeep/index.js';
import { newWorkerId } from './worker-id.js';
import { within } from '../within.js';

export interface StopOptions {
  /** Running jobs get this long to end, in milliseconds, before their signals are aborted; default 10,000. */
  timeoutMs?: number;
}

/** A running consumer of programs, as `processPrograms` gives it. */
export interface Worker {
  /**
   * Host, pid and a UUID; `claimed_by` begins with it. Nothing is claimed before `processPrograms` has resolved,
   * so a process that sends it to its parent at once can be sure that the parent knows whose claims to expire.
   */
  readonly id: string;
  /**
   * Takes no more programs, waits for running jobs, aborts them at the deadline, and releases what is left:
   * another worker takes it at once, with no attempt and no loss counted. A second call with a shorter time
   * shortens the wait.
   * @throws ConfigError for a time that is none, and nothing else
   */
  stop(options?: StopOptions): Promise<void>;
}

/** What a worker's executor gives to its runs. */
export type WorkerEnvironment = Omit<
  RunEnvironment,
  'counts' | 'slots' | 'expectDue' | 'slotLeft' | 'isStopping' | 'letOthersFirst' | 'suspects'
>;

export interface WorkerParts {
  readonly environment: WorkerEnvironment;
  readonly options: CheckedWorkerOptions;
  /** Whose programs alone it runs; undefined: it runs all. */
  readonly batch: Pick<BatchRow, 'id' | 'code'> | undefined;
  /** Whose hints it heeds. */
  readonly queue: QueueManager;
  /** For how long this worker, among others, keeps ended programs. */
  readonly retention: Retention;
  /** Who keeps those of its claims; the worker closes them. */
  readonly leases: Leases;
}

const STOP_TIMEOUT_MS = 10_000;
/** After the signals were aborted: for jobs to end, and for their programs to be released. */
const RELEASE_TIMEOUT_MS = 3_000;
/** Fresh rows are left to their hints for so long; the poll sleeps for at most so long. In milliseconds. */
const WITH_BROKER = { graceMs: 2_000, maxSleepMs: 6_000 };
const WITHOUT_BROKER = { graceMs: 0, maxSleepMs: 1_000 };

export class ProgramWorker implements Worker {
  readonly id: string;
  readonly #slots: JobSlots;
  readonly #environment: RunEnvironment;
  readonly #claims: ClaimLane;
  readonly #leases: Leases;
  readonly #intake: Intake;
  readonly #poller: Poller;
  readonly #subscription: Subscription;
  readonly #upkeep: WorkerUpkeep;
  readonly #runs = new Set<ProgramRun>();
  readonly #deadline = new AbortController();
  #stopping: Promise<void> | undefined;
  #hasStopped = false;

  constructor(parts: WorkerParts) {
    const { options, queue } = parts;
    const { programs, logger, owner } = parts.environment;
    const { graceMs, maxSleepMs } = queue.distributed ? WITH_BROKER : WITHOUT_BROKER;
    this.#slots = new JobSlots(options.concurrency);
    this.#environment = {
      ...parts.environment,
      slots: this.#slots,
      suspects: new Quarantine(),
      counts: new StepCounts(),
      expectDue: (delayMs) => this.#expectDue(delayMs),
      slotLeft: () => this.#poller.onRoom(),
      letOthersFirst: () => this.#poller.letOthersFirst(),
      isStopping: () => this.#stopping !== undefined,
    };
    this.id = newWorkerId(owner);
    this.#claims = programs.openClaims(this.id, options.leaseMs, graceMs, parts.batch?.id);
    this.#leases = parts.leases;
    const startRun = (program: ClaimedProgram, onRenewed: () => void) => this.#run(program, onRenewed);
    this.#intake = new Intake(this.#claims, this.#slots, startRun, () => this.#poller.onSlotFree());
    this.#poller = new Poller({ claims: this.#claims, intake: this.#intake, maxSleepMs, logger });
    this.#subscription = queue.subscribe({
      prefetch: this.#slots.hints,
      onHint: (hint) => this.#onHint(hint),
    });
    this.#upkeep = this.#startUpkeep(parts);
  }

  async stop(options: StopOptions = {}): Promise<void> {
    const timeoutMs = checkStopTimeout(options) ?? STOP_TIMEOUT_MS;
    const timer = setTimeout(() => this.#deadline.abort(), timeoutMs);
    this.#stopping ??= this.#stop();
    return this.#stopping.finally(() => clearTimeout(timer));
  }

  /** What its runs work with. */
  get environment(): WorkerEnvironment {
    return this.#environment;
  }

  /** Nothing is left of it to wait for. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /** False while a claim or a run is under way. */
  get isIdle(): boolean {
    return this.#intake.isIdle;
  }

  /** Resolves when the runs that are under way have ended. */
  idle(): Promise<void> {
    return this.#intake.idle();
  }

  #startUpkeep({ environment, options, batch, retention }: WorkerParts): WorkerUpkeep {
    const { library, programs, logger, emit } = environment;
    return new WorkerUpkeep({
      workerId: this.id,
      jobs: knownJobs(library),
      slots: options.concurrency,
      batch: batch?.code ?? null,
      retention,
      counts: this.#environment.counts,
      upkeep: programs.upkeep,
      logger,
      emit,
      running: () => this.#runs.size,
      runningJobs: () => this.#slots.taken,
    });
  }

  #onHint(hint: Hint): void {
    if (hint.note === 'more') {
      this.#claims.expectCreated();
      this.#poller.wakeIn(0);
    }
    this.#intake.onHint(hint);
  }

  #expectDue(delayMs: number): void {
    this.#claims.expectDue(delayMs);
    this.#poller.wakeIn(delayMs);
  }

  async #stop(): Promise<void> {
    this.#intake.close();
    this.#slots.close();
    const ended = this.#ended();
    await Promise.race([ended, aborted(this.#deadline.signal)]);
    for (const run of this.#runs) run.stop();
    this.#claims.close(new WorkerStoppedError());
    await within(RELEASE_TIMEOUT_MS, ended);
    await Promise.all([this.#leases.close(), this.#upkeep.stop()]);
    this.#hasStopped = true;
  }

  async #ended(): Promise<void> {
    // A poll or hint under way may still start runs; those end before their first job.
    await Promise.all([this.#subscription.cancel(), this.#poller.stop()]);
    await this.#intake.idle();
  }

  async #run(program: ClaimedProgram, onRenewed: () => void): Promise<void> {
    const run = new ProgramRun(program, this.#environment, this.#leases, onRenewed);
    this.#runs.add(run);
    await run.run();
    this.#runs.delete(run);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
