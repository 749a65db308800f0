/** A process that creates programs for fault tests and dies over it. */
import { ProgramExecutor } from '../../../index.js';
import { checkConfig, openDatabase } from '../../../src/config/index.js';
import { executorConfig, reportingLogger } from './child-config.js';
import { dieAt, pointed } from './crash-points.js';
import { CREATOR_VARIABLE, type CreatorSpec } from './creator-protocol.js';
import { JOBS } from './protocol.js';

const spec = JSON.parse(process.env[CREATOR_VARIABLE] ?? '') as CreatorSpec;
const config = { ...executorConfig(spec.config), logger: reportingLogger(() => Promise.resolve()) };
const program = spec.program ?? { jobs: [...JOBS] };

if (spec.dieAt === 'before commit') await createInTransaction(spec.runId);
else await create(ProgramExecutor.create(pointed(config, dieAt(spec.dieAt))), spec.runId);
process.exit();

async function create(executor: ProgramExecutor, runId: string | undefined): Promise<void> {
  if (runId === undefined) await executor.createPrograms([program, program]);
  else await executor.createProgram(program, { runId });
  await executor.close();
}

async function createInTransaction(runId = ''): Promise<void> {
  const { databasePath: _, ...names } = config;
  const { knex } = openDatabase(checkConfig(config), config.logger);
  const executor = ProgramExecutor.create({ ...names, knex });
  const trx = await knex.transaction();
  await executor.createProgram(program, { runId, trx });
  process.kill(process.pid, 'SIGKILL');
}
