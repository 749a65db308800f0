import { expect } from 'chai';
import { ESLint } from 'eslint';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** Snippets stand in for these files, because the type-aware rules want files of the project. */
const FILES = {
  decide: 'src/program/decide.ts',
  bookkeeper: 'src/program-handler/bookkeeper.ts',
  job: 'src/jobs/job.ts',
  errors: 'src/errors/catalogue.ts',
  queueManager: 'src/queue-manager/queue-manager.ts',
  ring: 'src/queue-manager/rabbitmq/rabbit-queue-manager.ts',
  runJob: 'src/testing/run-job.ts',
  tokenBucket: 'src/rate-limit/token-bucket.ts',
  mockServer: 'src/mock-api/mock-server.ts',
  detection: 'src/constraints/detect-constraints.ts',
  facade: 'src/program-executor.ts',
  index: 'index.ts',
  testing: 'testing.ts',
};

describe('import rule', function () {
  this.timeout(60_000);
  let eslint: ESLint;

  before(() => {
    const rules = { '@typescript-eslint/no-restricted-imports': 'error', 'no-restricted-syntax': 'error' };
    eslint = new ESLint({ cwd: ROOT, ruleFilter: ({ ruleId }) => ruleId in rules });
  });

  async function complaints(file: string, code: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: file, warnIgnored: true });
    return (result?.messages ?? []).map(({ message }) => message);
  }

  const forbidden: [reason: string, file: string, code: string][] = [
    ['the pure core from the rows', FILES.decide, "export * from '../program-handler/bookkeeper.js';"],
    ['a package in the pure core', FILES.decide, "import { v7 } from 'uuid';\nv7();"],
    [
      'the broker from the rows',
      FILES.bookkeeper,
      "import type { Channel } from 'amqplib';\nexport type A = Channel;",
    ],
    ['the queue from the rows', FILES.bookkeeper, "export * from '../queue-manager/queue-manager.js';"],
    ['the rows from the queue', FILES.ring, "export * from '../../program-handler/bookkeeper.js';"],
    [
      'the broker outside its folder',
      FILES.queueManager,
      "import { connect } from 'amqplib';\nvoid connect('');",
    ],
    ['the database outside its folder', FILES.job, "import knex from 'knex';\nknex({});"],
    [
      'raw SQL outside its folder',
      FILES.job,
      "import type { Knex } from 'knex';\nexport const a = (k: Knex) => k.raw('');",
    ],
    ['anything from the errors', FILES.errors, "export * from '../telemetry/logger.js';"],
    ['tests from the sources', FILES.job, "export * from '../../test/support/brokers.js';"],
    ['the tools for tests from what they test', FILES.facade, "export * from './testing/run-job.js';"],
    ['the tools for tests from a part of it', FILES.job, "export * from '../testing/run-job.js';"],
    ['the broker from the tools for tests', FILES.runJob, "export * from '../queue-manager/index.js';"],
    ['a package in the token bucket', FILES.tokenBucket, "import { v7 } from 'uuid';\nv7();"],
    ['anything from the token bucket', FILES.tokenBucket, "export * from '../errors/index.js';"],
    ['the mock API from what runs programs', FILES.facade, "export * from './mock-api/mock-server.js';"],
    ['the search for limits from it', FILES.facade, "export * from './constraints/detect-constraints.js';"],
    ['programs from the mock API', FILES.mockServer, "export * from '../program/program.js';"],
    [
      'the mock API from the search for limits',
      FILES.detection,
      "export * from '../mock-api/mock-server.js';",
    ],
    ['code in the index', FILES.index, 'export const a = 1;'],
    ['code in the entry for tests', FILES.testing, 'export const a = 1;'],
  ];
  for (const [reason, file, code] of forbidden)
    it(`forbids ${reason}`, async () => {
      const [complaint, ...others] = await complaints(file, code);
      expect(complaint).to.match(/only|inward/);
      expect(others).to.deep.equal([]);
    });

  const allowed: [reason: string, file: string, code: string][] = [
    ['errors in the pure core', FILES.decide, "export * from '../errors/index.js';"],
    ['types of the database for jobs', FILES.job, "import type { Knex } from 'knex';\nexport type A = Knex;"],
    ['the broker in its folder', FILES.ring, "import { connect } from 'amqplib';\nvoid connect('');"],
    ['the database at the rows', FILES.bookkeeper, "import knex from 'knex';\nknex({});"],
    ['the consumer in the tools for tests', FILES.runJob, "export * from '../consumer/index.js';"],
    ['the token bucket at the rows', FILES.bookkeeper, "export * from '../rate-limit/token-bucket.js';"],
    ['re-exports in the index', FILES.index, "export * from './src/errors/index.js';"],
  ];
  for (const [reason, file, code] of allowed)
    it(`allows ${reason}`, async () => {
      expect(await complaints(file, code)).to.deep.equal([]);
    });
});
