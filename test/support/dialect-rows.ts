import type { Attempt } from '../../src/program/program.js';
import type { Transition } from '../../src/program/transition.js';
import type { Claim, NewProgram } from '../../src/program-handler/dialects/dialect.js';

/** A program of one job; due at once, and rung for, unless `changes` say otherwise. */
export function newProgram(runId: string, changes: Partial<NewProgram> = {}): NewProgram {
  const payload = { jobs: '["first"]', programData: '{}', jobData: '{}' };
  return { runId, isEmpty: false, ...payload, dueAt: null, delayMs: 0, fence: 0, ...changes };
}

/** The step of a claimed program succeeded, and its holder goes on with the next one. */
export function advance(held: Claim & { readonly step: number }): Transition & { attempt: Attempt } {
  const { id, fence, claimedBy, step } = held;
  const attempt: Attempt = {
    step,
    job: 'first',
    attempt: 1,
    outcome: 'succeeded',
    worker: 'host:1',
    durationMs: 0.4,
    error: null,
    result: null,
  };
  const next = { nextStep: step + 1, stepRetryCount: 0, lostCount: 0, end: null, errorMessage: null };
  return { id, fence, claimedBy, step, ...next, release: false, delayMs: null, attempt };
}
