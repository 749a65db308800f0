import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  defineJob,
  ExecutionTimeExceededError,
  RetryableError,
  type JobContext,
  type JobDataHandler,
  type JobLibrary,
} from '../../index.js';
import type { AtPoint } from '../faults/harness/crash-points.js';
import type { Action } from '../faults/harness/protocol.js';
import { perform as performAction } from '../faults/harness/worker-actions.js';
import { jobAt, MAX_STEPS, type DEATHS, type Step } from './steps.js';

/** Longer than any step takes that ends. */
const TIMEOUT_MS = 8_000;

/** One start of a job, reported before it does anything. */
export interface Start {
  readonly runId: string;
  readonly step: number;
}

export interface JobSurroundings {
  /** Resolves when the report has left this process. */
  report(start: Start): Promise<void>;
  /** Where `insert` steps insert. */
  readonly effectsTable: string;
  readonly at: AtPoint;
}

interface Performance {
  readonly runId: string;
  readonly context: JobContext;
  readonly data: JobDataHandler<object>;
  readonly effectsTable: string;
}

/** The jobs of every step: what each does stands in the program's data. */
export function chaosJobs({ report, effectsTable, at }: JobSurroundings): JobLibrary {
  const names = Array.from({ length: MAX_STEPS }, (_, step) => jobAt(step));
  const execute: Parameters<typeof defineJob>[0]['execute'] = async (
    { runId, programData },
    data,
    context,
  ) => {
    at('before job');
    await report({ runId, step: context.step });
    const { steps } = programData as { steps: readonly Step[] };
    await perform(steps[context.step] as Step, { runId, context, data, effectsTable });
    at('after job');
  };
  return Object.fromEntries(names.map((name) => [name, defineJob({ name, execute, timeoutMs: TIMEOUT_MS })]));
}

async function perform(step: Step, performance: Performance): Promise<unknown> {
  const { runId, context, data, effectsTable } = performance;
  switch (step.kind) {
    case 'return':
      return;
    case 'take':
      return delay(step.ms, undefined, { signal: context.signal });
    case 'takeDeaf':
      return delay(step.ms);
    case 'hang':
      return (await turn(data)) === 1 && once(context.signal, 'abort');
    case 'hangDeaf':
      return (await turn(data)) === 1 && act({ kind: 'neverEnd' }, performance);
    case 'block':
      return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, step.ms);
    case 'merge':
      return Promise.all(Array.from({ length: step.fields }, (_, field) => data.merge(fieldAt(field))));
    case 'retry':
      if (context.attempt <= step.attempts)
        throw new RetryableError('Not yet', undefined, { retryAfterMs: step.afterMs });
      return;
    case 'yield':
      if ((await turn(data)) <= step.times) throw new ExecutionTimeExceededError(0);
      return;
    case 'die':
      return (await turn(data)) <= step.times && endProcess(step.how, performance);
    case 'insert':
      return context
        .transaction((trx) => trx(effectsTable).insert({ run_id: runId, step: context.step }))
        .catch((error: unknown) => Promise.reject(RetryableError.decorate(error as Error)));
    case 'fail':
      return act({ kind: 'throw', thing: step.thing }, performance);
  }
}

/** The `index`th field of a step that merges. */
export function fieldAt(index: number): Record<string, unknown> {
  return { [`field-${index}`]: index };
}

/** How often this step has come here, in all of its executions that got so far. */
async function turn(data: JobDataHandler<object>): Promise<number> {
  const { turns = 0 } = (await data.get()) as { turns?: number };
  await data.set({ turns: turns + 1 });
  return turns + 1;
}

async function endProcess(how: (typeof DEATHS)[number], performance: Performance): Promise<void> {
  if (how !== 'kill') return act({ kind: how }, performance);
  process.kill(process.pid, 'SIGKILL');
  await once(process, 'exit');
}

/** Does what the jobs of the fault tests do, too. */
function act(action: Action, { context, data }: Performance): Promise<void> {
  return performAction(action, {
    context,
    data: data as JobDataHandler,
    gate: Promise.resolve(),
    isGateOpen: true,
  });
}
