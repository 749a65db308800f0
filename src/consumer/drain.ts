import { setImmediate } from 'node:timers/promises';
import { ClosedError } from '../errors/index.js';
import type { ClaimedProgram } from '../program/program.js';
import type { ClaimLane } from '../program-handler/index.js';
import type { RunEnvironment } from './environment.js';
import { JobSlots } from './job-slots.js';
import { LeaseKeeper } from './leases/lease-keeper.js';
import { Leases } from './leases/leases.js';
import { ProgramRun } from './program-run.js';
import { Quarantine } from './quarantine.js';
import { StepCounts } from './step-counts.js';
import type { ProgramWorker, WorkerEnvironment } from './worker.js';
import { newWorkerId } from './worker-id.js';

export interface DrainParts {
  readonly environment: WorkerEnvironment;
  /** Of the same table: what they have under way is waited for. */
  readonly workers: readonly ProgramWorker[];
  /** What is to run later runs at once. */
  readonly withScheduled: boolean;
  /** Stops the draining; a running job is interrupted as by a worker that stops. */
  readonly signal: AbortSignal;
}

/** Runs what is due, one program after the other, until nothing is due any more: no hints, no polling. */
export class Drain {
  readonly #parts: DrainParts;
  readonly #environment: RunEnvironment;
  readonly #claims: ClaimLane;
  readonly #leases = new Leases();
  readonly #runIds = new Set<string>();

  constructor(parts: DrainParts) {
    const { environment, signal } = parts;
    const { programs, options, owner } = environment;
    this.#parts = parts;
    this.#environment = {
      ...environment,
      slots: new JobSlots(1),
      suspects: new Quarantine(),
      counts: new StepCounts(),
      expectDue: () => undefined,
      slotLeft: () => undefined,
      letOthersFirst: () => undefined,
      isStopping: () => signal.aborted,
    };
    this.#claims = programs.openClaims(newWorkerId(owner), options.leaseMs, 0);
  }

  /** Resolves with the ids of the programs that were run, those those of the workers left out. */
  async run(): Promise<string[]> {
    const { programs, options } = this.#environment;
    const keeper = new LeaseKeeper(
      options.leaseMs,
      (claims) => programs.renew(claims, options.leaseMs),
      (report) => this.#leases.report(report),
    );
    this.#leases.use(keeper);
    try {
      while (await this.#runNext());
      await this.#claims.settle();
      return [...this.#runIds];
    } finally {
      this.#claims.close(new ClosedError('drain'));
      await this.#leases.close();
    }
  }

  /** Resolves with whether there may be more to run. */
  async #runNext(): Promise<boolean> {
    const { withScheduled, signal } = this.#parts;
    // SQLite answers without a turn of the event loop, and the deadline is a timer.
    await setImmediate();
    if (signal.aborted) return false;
    const wereIdle = this.#busyWorkers().length === 0;
    const untilDueMs = await this.#claims.untilDueMs();
    if (untilDueMs === 0) await this.#runDue();
    else if (untilDueMs !== undefined && withScheduled) await this.#hastenNext();
    else if (wereIdle && this.#busyWorkers().length === 0) return false;
    // What they have under way may make something due; a claim that is no run yet is not waited for here.
    else await Promise.all(this.#busyWorkers().map((worker) => worker.idle()));
    return true;
  }

  async #hastenNext(): Promise<void> {
    // That they are looked at in a while is nothing that may be hastened.
    await this.#claims.settle();
    await this.#environment.programs.hastenNext();
  }

  async #runDue(): Promise<void> {
    // None: somebody else is about to take it.
    for await (const programs of this.#claims.claimDue(1))
      for (const program of programs) await this.#runProgram(program);
  }

  async #runProgram(program: ClaimedProgram): Promise<void> {
    const { signal } = this.#parts;
    this.#runIds.add(program.runId);
    const run = new ProgramRun(program, this.#environment, this.#leases, () => undefined);
    const stop = () => run.stop();
    signal.addEventListener('abort', stop, { once: true });
    await run.run();
    signal.removeEventListener('abort', stop);
  }

  #busyWorkers(): ProgramWorker[] {
    return this.#parts.workers.filter(({ isIdle }) => !isIdle);
  }
}
