import type { StepEnvironment } from '../consumer/environment.js';
import { ConfigError } from '../errors/index.js';
import type { CreateOptions, ProgramInput } from '../jobs/index.js';
import { newProgram } from '../program-handler/new-program.js';
import type { Logger } from '../telemetry/logger.js';
import { PAYLOAD_LIMITS, type CheckedRunJob } from './run-job-options.js';

/** A program that a job created while it was tested. */
export interface CreatedProgram {
  runId: string;
  program: ProgramInput;
  options: CreateOptions;
}

/** What a job finds around it that runs without an executor. */
export class MemoryExecutor implements StepEnvironment {
  readonly queueName = 'run-job';
  readonly createdPrograms: CreatedProgram[] = [];
  readonly logger: Logger;
  readonly programs: StepEnvironment['programs'];

  constructor({ logger, knex }: CheckedRunJob) {
    this.logger = logger;
    this.programs = {
      recordWith: async (_runId, work) => {
        if (!knex)
          throw new ConfigError(
            'options.knex',
            'context.transaction needs a database; give a connected knex, or a transaction to roll back',
          );
        return knex.transaction(async (trx) => (await work(trx)).value);
      },
    };
  }

  readonly emit = (): void => undefined;

  /** Checks as `createProgram` of an executor does, and keeps what it was given. */
  readonly createProgram = (program: ProgramInput, options: CreateOptions = {}): Promise<string> =>
    new Promise((resolve) => {
      const { runId } = newProgram(program, options, 'none', PAYLOAD_LIMITS);
      this.createdPrograms.push({ runId, program, options });
      resolve(runId);
    });
}
