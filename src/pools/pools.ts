import { anObject, checkSettings, wholeNumber, type Check } from '../config/index.js';
import { ConfigError } from '../errors/index.js';
import type { NewLimits, PoolState, ProgramHandler } from '../program-handler/index.js';
import { YEAR_MS } from '../program/durations.js';
import { isIdentifier } from '../program/names.js';
import type { QueueManager } from '../queue-manager/index.js';
import { wakeWorkers } from '../wake-workers.js';
import type { RateLimit } from '../rate-limit/token-bucket.js';

/** What runs at once, and what may be started in a window of time. Left out: without limit. */
export interface Limits {
  /** Most programs at once, over all workers; 0 starts nothing. */
  maxParallelism?: number;
  /** So many starts in a window in the long run: from a bucket that is full at first and refilled evenly. */
  rateLimit?: RateLimit;
}

/** The limits of a pool, and those of each key in it. */
export interface PoolLimits extends Limits {
  /** For each `concurrencyKey` of its programs. */
  perKey?: Limits;
}

/** A pool as it is at the moment. */
export interface Pool extends PoolLimits {
  name: string;
  isPaused: boolean;
  running: number;
  /** Programs that wait for it, also those that wait for a back-off. */
  waiting: number;
  /** Starts that its rate limit would allow at once; left out where there is none. */
  tokens?: number;
  /** Nothing of it starts before, since a job said that it was rate limited; left out where there is no such hold. */
  heldUntil?: Date;
  /** What runs in it, a hundred at most: by which worker, and with which key. */
  holders: { runId: string; claimedBy: string; key: string }[];
}

const NAME = 'expected a text of 1 to 255 characters, without NUL and not ending in a space';
const MOST = 1_000_000;

const LIMITS: Readonly<Record<string, Check>> = {
  maxParallelism: wholeNumber(0, MOST),
  rateLimit: anObject,
};
const RATE: Readonly<Record<string, Check>> = {
  requests: wholeNumber(1, MOST),
  windowMs: wholeNumber(1, YEAR_MS),
};

/** Limits over all workers, by name: changed while everything runs. */
export class Pools {
  readonly #programs: ProgramHandler;
  readonly #queue: QueueManager;
  readonly #assertOpen: (what: string) => void;

  constructor(programs: ProgramHandler, queue: QueueManager, assertOpen: (what: string) => void) {
    this.#programs = programs;
    this.#queue = queue;
    this.#assertOpen = assertOpen;
  }

  /**
   * Sets all limits of a pool: what is left out has none. Holds for every worker at once; what has room now is
   * started at once.
   * @throws ConfigError naming the limit
   */
  async set(name: string, limits: PoolLimits): Promise<void> {
    this.#assertOpen('pools.set');
    checkName(name);
    checkLimits(limits, '', { ...LIMITS, perKey: anObject });
    checkLimits(limits.perKey ?? {}, 'perKey.', LIMITS);
    await this.#programs.ensureTable();
    await this.#programs.pools.set(name, toNewLimits(limits), toNewLimits(limits.perKey ?? {}));
    wakeWorkers(this.#queue);
  }

  /** Starts nothing more of this pool until `resume`; what runs goes on. */
  async pause(name: string): Promise<void> {
    await this.#check('pools.pause', name);
    await this.#programs.pools.pause(name);
  }

  /** Goes on at once, also where the pool, or keys of it, are held because jobs said that they were rate limited. */
  async resume(name: string): Promise<void> {
    await this.#check('pools.resume', name);
    await this.#programs.pools.resume(name);
    wakeWorkers(this.#queue);
  }

  /** One that was set, or named by a program; undefined: there is none of this name. */
  async get(name: string): Promise<Pool | undefined> {
    await this.#check('pools.get', name);
    const state = await this.#programs.pools.find(name);
    return state && toPool(state);
  }

  /** All pools that were set, or named by a program, by name. */
  async list(): Promise<Pool[]> {
    this.#assertOpen('pools.list');
    await this.#programs.ensureTable();
    return (await this.#programs.pools.list()).map(toPool);
  }

  async #check(what: string, name: string): Promise<void> {
    this.#assertOpen(what);
    checkName(name);
    await this.#programs.ensureTable();
  }
}

function checkName(name: unknown): void {
  if (!isIdentifier(name)) throw new ConfigError('name', NAME);
}

function checkLimits(limits: unknown, prefix: string, checks: Readonly<Record<string, Check>>): void {
  if (!anObject[1](limits))
    throw new ConfigError(prefix === '' ? 'limits' : prefix.slice(0, -1), 'expected an object');
  checkSettings(limits as object, checks, prefix);
  const { rateLimit } = limits as Limits;
  if (rateLimit === undefined) return;
  checkSettings(rateLimit, RATE, `${prefix}rateLimit.`);
  for (const key of Object.keys(RATE))
    if (Reflect.get(rateLimit, key) === undefined)
      throw new ConfigError(`${prefix}rateLimit.${key}`, 'is missing');
  // What a bucket lacks is counted in both at once.
  if (rateLimit.requests * rateLimit.windowMs > Number.MAX_SAFE_INTEGER)
    throw new ConfigError(
      `${prefix}rateLimit`,
      `expected requests times windowMs to be ${Number.MAX_SAFE_INTEGER} at most; halve both`,
    );
}

function toNewLimits({ maxParallelism, rateLimit }: Limits): NewLimits {
  return { maxParallelism: maxParallelism ?? null, rate: rateLimit ?? null };
}

function toPool({ pool, isPaused, running, waiting, tokens, isHeld, holders }: PoolState): Pool {
  const perKey = toLimits(pool.ofKey);
  return {
    name: pool.name,
    isPaused,
    running,
    waiting,
    ...toLimits(pool.limits),
    ...(Object.keys(perKey).length > 0 ? { perKey } : {}),
    ...(tokens === undefined ? {} : { tokens }),
    ...(isHeld ? { heldUntil: new Date(pool.heldUntilMs) } : {}),
    holders: holders.map((holder) => ({ ...holder })),
  };
}

function toLimits({ maxParallelism, rate }: PoolState['pool']['limits']): Limits {
  return {
    ...(maxParallelism === Infinity ? {} : { maxParallelism }),
    ...(rate ? { rateLimit: rate } : {}),
  };
}
