/** Where one run happens; plain JSON, handed to each process of the run. */
export interface DriverSettings {
  /** By server name: `postgres`, `mariadb`, `rabbitmq`, `redis`. */
  urls: Readonly<Record<string, string>>;
  /** Unique for each run: tables, queues and schemas carry it. Letters, digits and underscores. */
  name: string;
  /** A folder for files of this run. */
  folder: string;
  /** What the contender is about, for instance its database or its concurrency. */
  options: Readonly<Record<string, string | number | boolean>>;
}

export type ProgramData = Record<string, unknown>;

/**
 * What the harness must hear from a system under test, at the same moments for each, as far as it says. DBOS and
 * graphile-worker say that a program is finished a few milliseconds before they have written it down.
 */
export interface Hooks {
  /** The first line of a program's first job. */
  jobStarted(programData: ProgramData): void;
  /** So many programs are finished, durably. */
  programsFinished(count: number): void;
}

export type Specials = Readonly<Record<string, (argument: number) => Promise<unknown>>>;

/** One system under test, as one process sees it: as producer, as worker, or as both. */
export interface Driver {
  /** Makes tables, queues and schemas; once a run, before anything else. */
  setUp(): Promise<void>;
  /** Creates one program; resolves when it is durable. */
  create(programData: ProgramData): Promise<void>;
  /** Creates many in the system's fastest way. */
  createBulk(programs: readonly ProgramData[]): Promise<void>;
  /** Starts to work on what is waiting; resolves when the worker is ready. */
  startWorker(): Promise<void>;
  /** Resolves when the worker holds nothing any more; it may be started again. */
  stopWorker(): Promise<void>;
  /** Removes what `setUp` made. */
  tearDown(): Promise<void>;
  /** Lets go of all connections; what is under way is finished first. */
  close(): Promise<void>;
  /** What only some systems can do, by name. */
  special?: Specials;
}

/** The default export of a driver's module. */
export type OpenDriver = (settings: DriverSettings, hooks: Hooks) => Promise<Driver>;
