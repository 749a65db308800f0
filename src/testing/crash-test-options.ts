import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  checkSettings,
  MAX_TIMER_MS,
  oneOf,
  wholeNumber,
  withDefaults,
  type Check,
} from '../config/checks.js';
import { checkWorkerOptions } from '../config/index.js';
import { ConfigError } from '../errors/index.js';
import type { JsonObject, ProgramInput } from '../jobs/index.js';
import { newProgram } from '../program-handler/new-program.js';
import type { ProgramView } from '../program/program.js';
import type { Boundary } from './boundary.js';
import type { RecordedEffect } from './effects.js';
import { PAYLOAD_LIMITS } from './run-job-options.js';
import { areToolWorkerOptions, type ToolWorkerOptions } from './worker-options.js';

/** One run of the program, as `check` looks at it. */
export interface CrashRun {
  /** As it stands at its end. */
  program: ProgramView;
  /** Where the process was killed; undefined in the first run, which has no crash. */
  crashedAt: Boundary | undefined;
  /** What `recordEffect` was told of, before and after the crash, in order. */
  effects: readonly RecordedEffect[];
  /** The SQLite file of this run: what `context.transaction` wrote is in it. Removed after the test. */
  databasePath: string;
}

export interface CrashTestOptions {
  /**
   * The module or folder of jobs, as `program-executor worker --jobs` takes it: a path or a file URL, such
   * as `new URL('./jobs.js', import.meta.url)`. It is loaded in the process that is killed.
   */
  jobLibrary: string | URL;
  /** The program to run, as `createProgram` takes it. */
  program: ProgramInput;
  /** Looks at the world after each run, in the test's process, and throws when something is wrong with it. */
  check?: (run: CrashRun) => unknown;
  /**
   * Puts the world back to where a run begins; called before each, in the test's process. Jobs see what it
   * sets in `process.env`. In the run's database it may make the tables that jobs write to.
   */
  prepare?: (run: Pick<CrashRun, 'databasePath'>) => unknown;
  /** Effects that must happen once in each run, by name; true: all of them. Default: none, repeats are only reported. */
  exactlyOnce?: true | readonly string[];
  /** How the program ends, with and without a crash; default 'finished'. */
  endsAs?: 'finished' | 'errored';
  /** Each of a run's two processes is killed when it has not ended after so long, in milliseconds; default 30,000. */
  timeoutMs?: number;
  /** As `processPrograms` takes them. Unlike there, a job that the library lacks fails the program at once. */
  workerOptions?: ToolWorkerOptions;
}

export type CheckedCrashTest = Omit<Required<CrashTestOptions>, 'jobLibrary'> & {
  readonly jobLibrary: string;
};

const DEFAULTS = {
  check: () => undefined,
  prepare: () => undefined,
  exactlyOnce: [],
  endsAs: 'finished',
  timeoutMs: 30_000,
  workerOptions: {},
} as const;

const A_MODULE =
  'the path or file URL of a module or folder of jobs: the process that is killed cannot be given functions. ' +
  "Move the jobs into a module of their own and give new URL('./jobs.js', import.meta.url)";

const A_PROGRAM = 'a program: { jobs, programData, jobData }';

const isFunction: Check = ['a function', (value) => typeof value === 'function'];
const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const isTexts = (value: unknown) => Array.isArray(value) && value.every((text) => typeof text === 'string');

const CHECKS: Readonly<Record<keyof CrashTestOptions, Check>> = {
  jobLibrary: [A_MODULE, (value) => (typeof value === 'string' && value !== '') || value instanceof URL],
  program: [A_PROGRAM, isObject],
  check: isFunction,
  prepare: isFunction,
  exactlyOnce: ['true or an array of names of effects', (value) => value === true || isTexts(value)],
  endsAs: oneOf('finished', 'errored'),
  timeoutMs: wholeNumber(1, MAX_TIMER_MS),
  workerOptions: areToolWorkerOptions,
};

/** @throws ConfigError, InvalidProgramError, PayloadTooLargeError */
export async function checkCrashTest(options: Partial<CrashTestOptions>): Promise<CheckedCrashTest> {
  if (!isObject(options)) throw new ConfigError('crashTest', 'expected { jobLibrary, program, check }');
  checkSettings(options, CHECKS);
  const { jobLibrary, program, ...others } = options;
  if (jobLibrary === undefined) throw new ConfigError('jobLibrary', `expected ${A_MODULE}`);
  if (program === undefined) throw new ConfigError('program', `expected ${A_PROGRAM}`);
  checkWorkerOptions(others.workerOptions ?? {});
  return {
    ...withDefaults<Omit<CheckedCrashTest, 'jobLibrary' | 'program'>>(DEFAULTS, others),
    program: toSend(program),
    jobLibrary: await existingPath(jobLibrary),
  };
}

/** What is sent to another process loses its prototypes, and `toJSON` with them: data goes as JSON has it. */
function toSend(program: ProgramInput): ProgramInput {
  const { programData, jobData, options } = newProgram(program, {}, 'none', PAYLOAD_LIMITS);
  const { jobsData: _otherName, ...fields } = program;
  return { ...fields, programData: dataOf(programData), jobData: dataOf(jobData), ...options };
}

function dataOf(json: string): Record<string, JsonObject> {
  return JSON.parse(json) as Record<string, JsonObject>;
}

async function existingPath(jobLibrary: string | URL): Promise<string> {
  if (jobLibrary instanceof URL && jobLibrary.protocol !== 'file:')
    throw new ConfigError('jobLibrary', `expected a file URL, got one of ${jobLibrary.protocol}`);
  const path = jobLibrary instanceof URL ? fileURLToPath(jobLibrary) : resolve(jobLibrary);
  try {
    await stat(path);
    return path;
  } catch (cause) {
    throw new ConfigError('jobLibrary', `there is nothing at ${path}; expected ${A_MODULE}`, { cause });
  }
}
