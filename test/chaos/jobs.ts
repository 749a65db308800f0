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
import { jobAt, MAX_STEPS, type Step } from './steps.js';

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
}

interface Performance {
  readonly runId: string;
  readonly context: JobContext;
  readonly data: JobDataHandler<object>;
  readonly effectsTable: string;
}

/** The jobs of every step: what each does stands in the program's data. */
export function chaosJobs({ report, effectsTable }: JobSurroundings): JobLibrary {
  const names = Array.from({ length: MAX_STEPS }, (_, step) => jobAt(step));
  const execute: Parameters<typeof defineJob>[0]['execute'] = async (
    { runId, programData },
    data,
    context,
  ) => {
    await report({ runId, step: context.step });
    const { steps } = programData as { steps: readonly Step[] };
    await perform(steps[context.step] as Step, { runId, context, data, effectsTable });
  };
  return Object.fromEntries(names.map((name) => [name, defineJob({ name, execute })]));
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
      if ((await turn(data)) <= step.times) return endProcess();
      return;
    case 'insert':
      return context
        .transaction((trx) => trx(effectsTable).insert({ run_id: runId, step: context.step }))
        .catch((error: unknown) => Promise.reject(RetryableError.decorate(error as Error)));
    case 'fail':
      throw new Error('This step fails');
  }
}

/** The `index`th field of a step that merges. */
export function fieldAt(index: number): object {
  return { [`field-${index}`]: index };
}

/** How often this step has come here, in all of its executions that got so far. */
async function turn(data: JobDataHandler<object>): Promise<number> {
  const { turns = 0 } = (await data.get()) as { turns?: number };
  await data.set({ turns: turns + 1 });
  return turns + 1;
}

async function endProcess(): Promise<void> {
  process.kill(process.pid, 'SIGKILL');
  await once(process, 'exit');
}
