const assert = require('node:assert/strict');
const { setTimeout: delay } = require('node:timers/promises');

const DEADLINE_MS = 30_000;

/** Embedded mode as a user sees it: create a program of two jobs, run it, look at it, close. */
module.exports = async function runTwoJobs({ ProgramExecutor, defineJob }, databasePath) {
  const ran = [];
  const first = defineJob({
    name: 'first',
    execute: () => {
      ran.push('first');
      return { answer: 42 };
    },
  });
  const second = defineJob({
    name: 'second',
    execute: (message, data, context) => {
      ran.push(`second after ${context.results.first.answer}`);
    },
  });
  const executor = ProgramExecutor.create({ databasePath });
  const runId = await executor.createProgram({ jobs: ['first', 'second'], programData: { customerId: 1 } });
  await executor.processPrograms({ first, second });
  const program = await ended(executor, runId);
  await executor.close();
  assert.equal(program.errorMessage, null);
  assert.ok(program.finishedAt);
  assert.deepEqual(ran, ['first', 'second after 42']);
};

async function ended(executor, runId) {
  const end = Date.now() + DEADLINE_MS;
  while (Date.now() < end) {
    const program = await executor.getProgram(runId);
    if (program.finishedAt || program.erroredAt) return program;
    await delay(50);
  }
  throw new Error(`The program has not ended in ${DEADLINE_MS} ms`);
}
