import { ProgramNotFoundError } from '../errors/index.js';
import type { ProgramView } from '../program/program.js';

/** Why a program could not be cancelled or resumed. */
export function explainRefusal(what: string, runId: string, program: ProgramView | undefined): Error {
  if (!program) return new ProgramNotFoundError(runId);
  return new Error(`Program ${runId} cannot be ${what}: it ${stateOf(program)}`);
}

function stateOf({ finishedAt, erroredAt }: ProgramView): string {
  if (finishedAt) return 'has finished';
  return erroredAt ? 'is errored already' : 'is not errored';
}
