import { IdempotencyConflictError } from '../../errors/index.js';
import { digestOf } from './digest.js';
import type { PreparedProgram } from '../new-program.js';

/** A program that was given an idempotency key. */
export type KeyedProgram = PreparedProgram & { readonly idempotencyKey: string };

/** The program that a key is to stand for. */
export interface Wanted {
  readonly key: string;
  readonly program: KeyedProgram;
  readonly digest: string;
}

export function isKeyed(program: PreparedProgram): program is KeyedProgram {
  return program.idempotencyKey !== undefined;
}

/**
 * One program for each key, the first, in the order in which all callers lock them.
 * @throws IdempotencyConflictError where others of the same key are not the same
 */
export function onePerKey(programs: readonly KeyedProgram[]): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const program of programs) {
    const key = program.idempotencyKey;
    const digest = contentOf(program);
    const first = wanted.get(key);
    if (!first) wanted.set(key, { key, program, digest });
    else if (first.digest !== digest) throw new IdempotencyConflictError(key, first.program.runId);
  }
  return [...wanted.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Times are none of it: who repeats a call a minute later asks for the same, a minute later. */
function contentOf({ jobs, programData, jobData, owner, options = {} }: KeyedProgram): string {
  const { expiresAt: _expiresAt, ...others } = options;
  return digestOf([jobs, programData, jobData, JSON.stringify({ owner, ...others })]);
}
