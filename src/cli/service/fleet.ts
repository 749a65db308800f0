import cluster, { type Worker } from 'node:cluster';
import { isClean, neverStarted, type Ending } from './ending.js';
import { countCrash, isHopeless, restartDelayMs } from './restart-policy.js';
import { STOP_NOW } from './stop-request.js';

/** What a worker sends when it has started, before it claims anything. */
export interface ReadyMessage {
  readonly event: 'ready';
  readonly workerId: string;
}

export interface FleetEvents {
  onCrash(ending: Ending, restartInMs: number): void;
  /** A further start cannot help. */
  onHopeless(ending: Ending): void;
  /** A worker is gone that may have left claims. */
  onDead(pid: number, workerId: string): void;
  /** While stopping: one has ended. */
  onStopped(ending: Ending): void;
  /** While stopping: none is left. */
  onEmpty(): void;
}

/** A place in the fleet: its processes come one after the other, its crashes are counted together. */
interface Place {
  crashesInARow: number;
  /** Of the process that has it now; undefined until that is ready. */
  ready?: { readonly workerId: string; readonly atMs: number } | undefined;
}

/** The forked workers: one that ends is started again after a growing delay, until the fleet stops. */
export class Fleet {
  readonly #running = new Map<Worker, Place>();
  readonly #restarts = new Map<Place, NodeJS.Timeout>();
  #anyWasReady = false;
  #stopping = false;

  /** @param hopelessCode the exit code of a worker that no restart can help */
  constructor(
    private readonly hopelessCode: number,
    private readonly events: FleetEvents,
  ) {
    cluster.on('fork', (worker) => {
      if (worker.process.pid !== undefined) this.#add(worker, { crashesInARow: 0 });
    });
    cluster.on('message', (worker, message) => {
      if (isReady(message)) this.#markReady(worker, message.workerId);
    });
    cluster.on('exit', (worker, code: number | null, signal: string | null) =>
      this.#onExit(worker, { pid: worker.process.pid ?? 0, code, signal }),
    );
  }

  /** Starts no worker any more; those that run are told by a signal. */
  stop(): void {
    this.#stopping = true;
    for (const timer of this.#restarts.values()) clearTimeout(timer);
    if (this.#running.size === 0) this.events.onEmpty();
  }

  /** Places whose worker crashed and has not been started again. */
  get crashed(): number {
    return this.#restarts.size;
  }

  /** Tells the workers to stop at once. */
  hurry(): void {
    for (const worker of this.#running.keys())
      if (worker.isConnected()) worker.send(STOP_NOW, () => undefined);
  }

  /** @returns the processes that got the signal */
  signal(signal: NodeJS.Signals): number[] {
    const workers = [...this.#running.keys()];
    for (const worker of workers) worker.process.kill(signal);
    return workers.map((worker) => worker.process.pid ?? 0);
  }

  #add(worker: Worker, place: Place): void {
    if (this.#running.has(worker)) return;
    this.#running.set(worker, place);
    // Of a process that is there, it is a message that did not arrive: its end will tell.
    worker.on('error', (error) => {
      if (worker.process.pid === undefined) this.#onExit(worker, neverStarted(error));
    });
  }

  #markReady(worker: Worker, workerId: string): void {
    const place = this.#running.get(worker);
    if (place) place.ready = { workerId, atMs: performance.now() };
    this.#anyWasReady = true;
  }

  #onExit(worker: Worker, ending: Ending): void {
    const place = this.#running.get(worker);
    this.#running.delete(worker);
    if (place?.ready && !(this.#stopping && isClean(ending)))
      this.events.onDead(ending.pid, place.ready.workerId);
    if (!this.#stopping && place) {
      this.#replace(place, ending);
      return;
    }
    this.events.onStopped(ending);
    if (this.#running.size === 0) this.events.onEmpty();
  }

  #replace(place: Place, ending: Ending): void {
    const readyForMs = place.ready && performance.now() - place.ready.atMs;
    place.crashesInARow = countCrash(place.crashesInARow, { readyForMs });
    place.ready = undefined;
    // Once it is ready, it is a job that ends it with that code.
    const isRefused = ending.code === this.hopelessCode && readyForMs === undefined;
    if (isRefused || isHopeless(place.crashesInARow, this.#anyWasReady)) {
      this.events.onHopeless(ending);
      return;
    }
    const delayMs = restartDelayMs(place.crashesInARow);
    this.#restarts.set(
      place,
      setTimeout(() => this.#restart(place), delayMs),
    );
    this.events.onCrash(ending, delayMs);
  }

  #restart(place: Place): void {
    this.#restarts.delete(place);
    try {
      this.#add(cluster.fork(), place);
    } catch (error) {
      // Node throws for want of memory, and emits for want of anything else.
      this.#replace(place, neverStarted(error));
    }
  }
}

/** Jobs may send messages of their own. */
function isReady(message: unknown): message is ReadyMessage {
  const { event, workerId } = Object(message) as Partial<Record<keyof ReadyMessage, unknown>>;
  return event === 'ready' && typeof workerId === 'string';
}
