import { EXIT, type ExitCode, type StopSignal } from '../exit-code.js';
import { deferred } from './deferred.js';
import type { DeadWorkers } from './dead-workers.js';
import { describeEnding, isClean, type Ending } from './ending.js';
import { Fleet } from './fleet.js';
import { RELEASE_MS } from './run-worker.js';
import type { Report } from './service-event.js';
import type { StopRequest } from './stop-request.js';

/** Beyond its own deadline a worker gets this long to exit. */
const EXIT_MS = 1_000;
/** A second signal ends everything within a second. */
const HURRIED_EXIT_MS = 750;
/** What killed workers held is still handed over, if that takes no longer than this. */
const HAND_OVER_MS = 1_000;
const HURRIED_HAND_OVER_MS = 100;

/** Watches over forked workers: restarts, drains, kills what does not stop, and answers for the exit code. */
export class Supervisor {
  readonly #fleet: Fleet;
  readonly #ended = deferred<ExitCode>();
  #exitCode: ExitCode = EXIT.ok;
  #handOverMs = HAND_OVER_MS;

  constructor(
    private readonly graceMs: number,
    private readonly report: Report,
    private readonly deadWorkers: DeadWorkers,
  ) {
    this.#fleet = new Fleet(EXIT.usage, {
      onCrash: (ending, restartInMs) => {
        const event = ending.refusal === undefined ? 'crashed' : 'startFailed';
        report({ event, pid: ending.pid, how: describeEnding(ending), restartInMs });
      },
      onDead: (pid, workerId) => deadWorkers.add(pid, workerId),
      onHopeless: (ending) => this.#giveUp(ending),
      onStopped: (ending) => {
        if (!isClean(ending) && this.#exitCode !== EXIT.usage) this.#exitCode = EXIT.failed;
      },
      onEmpty: () => this.#ended.resolve(this.#exitCode),
    });
  }

  /** @returns the exit code, once all workers have ended */
  async run(stop: StopRequest): Promise<ExitCode> {
    void stop.requested.then((signal) => this.#drain(signal));
    void stop.urgent.then(() => this.#hurry());
    const exitCode = await this.#ended.promise;
    await this.deadWorkers.settled(this.#handOverMs);
    this.report({ event: 'stopped', pid: process.pid, exitCode });
    return exitCode;
  }

  /** The workers have the signal already: throng passes it on. */
  #drain(signal: StopSignal): void {
    this.report({ event: 'draining', pid: process.pid, signal, graceMs: this.graceMs });
    // What it has given up for outlives the signal, which a service manager may act on.
    if (this.#exitCode === EXIT.ok) this.#exitCode = this.#fleet.crashed > 0 ? EXIT.failed : EXIT[signal];
    this.#fleet.stop();
    this.#killAfter(this.graceMs + RELEASE_MS + EXIT_MS);
  }

  #hurry(): void {
    this.report({ event: 'hurrying', pid: process.pid });
    this.#handOverMs = HURRIED_HAND_OVER_MS;
    this.#fleet.hurry();
    this.#killAfter(HURRIED_EXIT_MS);
  }

  #giveUp(ending: Ending): void {
    this.report({ event: 'gaveUp', pid: ending.pid, how: describeEnding(ending) });
    this.#exitCode = ending.code === EXIT.usage ? EXIT.usage : EXIT.failed;
    this.#fleet.signal('SIGTERM');
    this.#fleet.stop();
    this.#killAfter(this.graceMs + RELEASE_MS + EXIT_MS);
  }

  #killAfter(delayMs: number): void {
    setTimeout(() => {
      for (const pid of this.#fleet.signal('SIGKILL')) this.report({ event: 'killed', pid });
    }, delayMs);
  }
}
