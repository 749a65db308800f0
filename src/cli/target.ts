import type { Command } from 'commander';
import { BatchNotFoundError } from '../errors/index.js';
import type { Pool } from '../pools/pools.js';
import type { ProgramExecutor } from '../program-executor.js';
import { UsageError } from './usage-error.js';

/** What an intervention is about. */
export type Target =
  | { readonly kind: 'program'; readonly runId: string }
  | { readonly kind: 'batch'; readonly code: string }
  | { readonly kind: 'pool'; readonly name: string }
  | { readonly kind: 'all' };

export interface TargetFlags {
  batch?: string;
  pool?: string;
  all?: boolean;
}

type Kind = Target['kind'];

const DECLARED: Readonly<Record<Kind, (command: Command) => Command>> = {
  program: (command) => command.argument('[runId]', 'a program, as create printed it'),
  batch: (command) => command.option('--batch <code>', 'all of a batch'),
  pool: (command) => command.option('--pool <name>', 'all of a pool'),
  all: (command) => command.option('--all', 'all of the table'),
};
const WORDS: Readonly<Record<Kind, string>> = {
  program: 'a runId',
  batch: '--batch <code>',
  pool: '--pool <name>',
  all: '--all',
};

/** Declares how a target of these kinds is named. */
export function addTargets(command: Command, kinds: readonly Kind[]): Command {
  for (const kind of kinds) DECLARED[kind](command);
  return command;
}

/**
 * The one target that is named.
 * @throws UsageError where there is none, or more than one
 */
export function targetOf(command: Command): Target {
  const { batch, pool, all } = command.opts<TargetFlags>();
  const [runId] = command.args;
  const named: Target[] = [
    ...(runId === undefined ? [] : [{ kind: 'program', runId } as const]),
    ...(batch === undefined ? [] : [{ kind: 'batch', code: batch } as const]),
    ...(pool === undefined ? [] : [{ kind: 'pool', name: pool } as const]),
    ...(all ? [{ kind: 'all' } as const] : []),
  ];
  const [target, ...others] = named;
  if (target && others.length === 0) return target;
  throw new UsageError(`Give exactly one of ${possible(command).join(', ')}`);
}

/** A target as results name it in JSON. */
export function namedIn(target: Target): object {
  switch (target.kind) {
    case 'program':
      return { runId: target.runId };
    case 'batch':
      return { batch: target.code };
    case 'pool':
      return { pool: target.name };
    case 'all':
      return { all: true };
  }
}

/** A target as people are told of it. */
export function describeTarget(target: Target): string {
  switch (target.kind) {
    case 'program':
      return target.runId;
    case 'batch':
      return `batch ${target.code}`;
    case 'pool':
      return `pool ${target.name}`;
    case 'all':
      return 'all programs';
  }
}

/**
 * That what is to be paused or resumed is there: a pool of this name, a batch that has not ended. Programs tell it
 * themselves.
 * @param what was to be done, as a participle
 * @throws BatchNotFoundError, Error
 */
export async function requireTarget(executor: ProgramExecutor, target: Target, what: string): Promise<void> {
  if (target.kind === 'batch') await requireOpenBatch(executor, target.code, what);
  if (target.kind === 'pool') await requirePool(executor, target.name);
}

/**
 * @param what was to be done, as a participle
 * @throws BatchNotFoundError, Error where the batch has ended, so that it would change nothing
 */
export async function requireOpenBatch(executor: ProgramExecutor, code: string, what: string): Promise<void> {
  const { status } = await batchOf(executor, code);
  if (status === 'completed' || status === 'cancelled') throw endedAlready(code, status, what);
}

/**
 * One whose cancelling ended half-way is not cancelled yet: only cancelling it again ends the rest.
 * @throws BatchNotFoundError, Error where the batch has ended, so that it would change nothing
 */
export async function requireCancellableBatch(executor: ProgramExecutor, code: string): Promise<void> {
  const { status, completedAt } = await batchOf(executor, code);
  if (status === 'completed') throw endedAlready(code, status, 'cancelled');
  if (status !== 'cancelled' || completedAt === null) return;
  const { waiting, running } = await executor.batches.stats(code);
  if (waiting + running === 0) throw endedAlready(code, status, 'cancelled');
}

/**
 * The API makes a pool that it is to pause, as one may be stopped before anything waits in it. People mistype names.
 * @throws Error where there is none of this name
 */
export async function requirePool(executor: ProgramExecutor, name: string): Promise<Pool> {
  const pool = await executor.pools.get(name);
  if (!pool) throw new Error(`There is no pool "${name}"; program-executor pools lists those there are`);
  return pool;
}

async function batchOf(executor: ProgramExecutor, code: string) {
  const batch = await executor.batches.getByCode(code);
  if (!batch) throw new BatchNotFoundError(code);
  return batch;
}

function endedAlready(code: string, status: string, what: string): Error {
  return new Error(`Batch ${code} cannot be ${what}: it is ${status} already`);
}

function possible(command: Command): string[] {
  const flags = command.options.map(({ long }) => long);
  const kinds = (Object.keys(WORDS) as Kind[]).filter((kind) =>
    kind === 'program' ? command.registeredArguments.length > 0 : flags.includes(`--${kind}`),
  );
  return kinds.map((kind) => WORDS[kind]);
}
