import type { LineOwner } from '../../program/line.js';
import type { CompletionCallback, CompletionMessage, ProgramOptions } from '../../program/program-options.js';
import type { GroupTransaction, NewProgram } from '../dialects/dialect.js';
import { newRunId } from '../new-run-id.js';
import type { LeftProgram } from './ended-program.js';
import { findLines } from './find-lines.js';
import type { LineTables } from './line-tables.js';
import { openWaitingOf } from './open-new.js';

const DEFAULT_OWNER: LineOwner = { pool: '', batchId: null, key: '', priority: 0 };

/** Creates the callbacks of programs that have ended; resolves with their `runId`s. */
export function createCallbacks(
  trx: GroupTransaction,
  t: LineTables,
  left: readonly LeftProgram[],
): Promise<string[]> {
  const messages = left.flatMap((program) => {
    const { onComplete, runId } = program;
    const result = resultOf(program);
    return onComplete && result ? [{ callback: onComplete, runId, result }] : [];
  });
  return createCallbackPrograms(trx, t, messages);
}

/** A callback, and what it is to be told. */
export interface DueCallback {
  readonly callback: CompletionCallback;
  readonly runId: string;
  readonly result: CompletionMessage['result'];
}

export async function createCallbackPrograms(
  trx: GroupTransaction,
  t: LineTables,
  due: readonly DueCallback[],
): Promise<string[]> {
  if (due.length === 0) return [];
  const isLined = due.some(({ callback }) => callback.onComplete);
  const [line] = isLined ? await findLines(trx, t, [DEFAULT_OWNER]) : [];
  const programs = due.map((each) => callbackProgram(each, line?.id));
  await trx.insert(programs);
  await openWaitingOf(trx, t, programs);
  return programs.map(({ runId }) => runId);
}

function callbackProgram({ callback, runId, result }: DueCallback, lineId: number | undefined): NewProgram {
  const { job, context = null, onComplete } = callback;
  const message: CompletionMessage = { runId, context, result };
  const options: ProgramOptions = onComplete ? { onComplete } : {};
  return {
    runId: newRunId(),
    isEmpty: false,
    jobs: JSON.stringify([job]),
    programData: JSON.stringify(message),
    jobData: '{}',
    dueAt: null,
    delayMs: 0,
    fence: 1,
    ...(onComplete && lineId !== undefined
      ? { line: { lineId, batchId: null, options: JSON.stringify(options) } }
      : {}),
  };
}

function resultOf({ left, result, message }: LeftProgram): CompletionMessage['result'] | undefined {
  if (left === 'finished')
    return { kind: 'success', returnValue: result === null ? null : (JSON.parse(result) as unknown) };
  if (left === 'errored') return { kind: 'failed', error: message ?? '' };
  return left === 'cancelled' ? { kind: 'canceled' } : undefined;
}
