import { EXIT, STOP_SIGNALS, type ExitCode, type StopSignal } from '../exit-code.js';
import { deferred } from './deferred.js';
import { Fleet, type Ending } from './fleet.js';
import { RELEASE_MS } from './run-worker.js';
import type { Report } from './service-event.js';
import type { StopRequest } from './stop-request.js';

/** Beyond its own deadline a worker gets this long to exit. */
const EXIT_MS = 1_000;
/** A second signal ends everything within a second. */
const HURRIED_EXIT_MS = 800;

/** Watches over forked workers: restarts, drains, kills what does not stop, and answers for the exit code. */
export class Supervisor {
  readonly #fleet: Fleet;
  readonly #ended = deferred<ExitCode>();
  #exitCode: ExitCode = EXIT.ok;

  constructor(
    private readonly graceMs: number,
    private readonly report: Report,
  ) {
    this.#fleet = new Fleet(EXIT.usage, {
      onCrash: ({ pid, ...ending }, restartInMs) =>
        report({ event: 'crashed', pid, how: describe(ending), restartInMs }),
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
    this.report({ event: 'stopped', pid: process.pid, exitCode });
    return exitCode;
  }

  /** The workers have the signal already: throng passes it on. */
  #drain(signal: StopSignal): void {
    this.report({ event: 'draining', pid: process.pid, signal, graceMs: this.graceMs });
    this.#exitCode = this.#fleet.crashed > 0 ? EXIT.failed : EXIT[signal];
    this.#fleet.stop();
    this.#killAfter(this.graceMs + RELEASE_MS + EXIT_MS);
  }

  #hurry(): void {
    this.report({ event: 'hurrying', pid: process.pid });
    this.#fleet.hurry();
    this.#killAfter(HURRIED_EXIT_MS);
  }

  #giveUp({ pid, ...ending }: Ending): void {
    this.report({ event: 'gaveUp', pid, how: describe(ending) });
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

/** A worker that a stop signal ended by itself had not started yet. */
function isClean({ code, signal }: Ending): boolean {
  if (signal !== null) return STOP_SIGNALS.some((stop) => stop === signal);
  return code === EXIT.ok || STOP_SIGNALS.some((stop) => EXIT[stop] === code);
}

function describe({ code, signal }: Omit<Ending, 'pid'>): string {
  return signal ? `killed by ${signal}` : `exit code ${code}`;
}
