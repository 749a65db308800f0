/**
 * Who may import whom: imports point inward. A folder of `src` sees itself, what is listed here for it,
 * and nothing else of `src`.
 */
const MAY_IMPORT = {
  errors: [],
  telemetry: ['errors'],
  'rate-limit': [],
  program: ['errors'],
  jobs: ['errors', 'program', 'telemetry'],
  'queue-manager': ['errors', 'telemetry', 'program'],
  'program-handler': ['errors', 'telemetry', 'rate-limit', 'program', 'jobs', 'migrations'],
  'job-data-handler': ['errors', 'telemetry', 'program', 'jobs', 'program-handler'],
  config: ['errors', 'telemetry', 'program', 'jobs'],
  consumer: [
    'errors',
    'telemetry',
    'program',
    'jobs',
    'job-data-handler',
    'program-handler',
    'queue-manager',
    'config',
  ],
  pools: ['errors', 'program', 'program-handler', 'queue-manager', 'config', 'rate-limit'],
  batches: ['errors', 'program', 'jobs', 'program-handler', 'config'],
  'mock-api': ['errors', 'config', 'rate-limit'],
  constraints: ['errors', 'program', 'config', 'rate-limit'],
  cli: ['errors', 'telemetry', 'jobs', 'config', 'program', 'program-handler', 'queue-manager', 'mock-api'],
  testing: [
    'errors',
    'telemetry',
    'program',
    'jobs',
    'job-data-handler',
    'program-handler',
    'config',
    'consumer',
  ],
};

/** Settings are checked for parts that config does not call: it needs their words only. */
const MAY_IMPORT_TYPES = { config: ['program-handler', 'queue-manager'], cli: ['pools'] };

const PURE = ['program', 'rate-limit'];

const NOT_FOR_USERS = ['test', 'bench', 'examples'];
/** Users have these under a subpath of their own; what runs programs has no use for them. */
const TOOLS = ['testing', 'mock-api', 'constraints'];
const EVERYTHING = [...Object.keys(MAY_IMPORT), ...NOT_FOR_USERS, 'migrations'];

const DATABASE_PACKAGES = ['knex', 'pg', 'mysql2', 'mysql2/promise', 'better-sqlite3', 'node:sqlite'];
const HAS_SQL = ['program-handler', 'config'];

/** One block of configuration a folder: ESLint does not merge the options of a rule. */
export const importRule = [
  ...Object.keys(MAY_IMPORT).map((folder) => restrict([`src/${folder}/**/*.ts`], restrictionsOf(folder))),
  restrict(['src/queue-manager/rabbitmq/**/*.ts'], {
    ...restrictionsOf('queue-manager'),
    paths: databasePackages(),
  }),
  restrict(['src/*.ts'], {
    paths: [...databasePackages(), amqplib()],
    patterns: [outward([...NOT_FOR_USERS, 'cli', ...TOOLS])],
  }),
  restrict(['migrations/**/*.ts'], {
    paths: [amqplib()],
    patterns: [outward(EVERYTHING.filter(isNotErrors))],
  }),
  {
    files: ['index.ts', 'testing.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Program > :not(ExportAllDeclaration, ExportNamedDeclaration[source])',
          message: 'An entry of the package only re-exports.',
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: HAS_SQL.map((folder) => `src/${folder}/**`),
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name="raw"]',
          message: 'SQL lives in src/program-handler and migrations only.',
        },
      ],
    },
  },
];

function restrict(files, options) {
  return { files, rules: { '@typescript-eslint/no-restricted-imports': ['error', options] } };
}

function restrictionsOf(folder) {
  const allowed = [folder, ...MAY_IMPORT[folder]];
  const types = MAY_IMPORT_TYPES[folder] ?? [];
  const patterns = [outward(EVERYTHING.filter((name) => ![...allowed, ...types].includes(name)))];
  if (types.length > 0) patterns.push({ ...outward(types), allowTypeImports: true });
  if (PURE.includes(folder))
    patterns.push({ regex: '^[^.]', message: `src/${folder} is pure: of src only, and no packages.` });
  return { paths: packagesFor(folder), patterns };
}

function packagesFor(folder) {
  // The consumer speaks of programs and hints: even the types of a database or broker would be a leak.
  if (folder === 'consumer')
    return [...databasePackages(), amqplib()].map((path) => ({ ...path, allowTypeImports: false }));
  if (folder === 'program-handler') return [{ ...amqplib(), allowTypeImports: false }];
  return HAS_SQL.includes(folder) ? [amqplib()] : [...databasePackages(), amqplib()];
}

function databasePackages() {
  const message = 'Databases are reached in src/program-handler, src/config and migrations only.';
  return DATABASE_PACKAGES.map((name) => ({ name, message, allowTypeImports: true }));
}

function amqplib() {
  const message = 'RabbitMQ is reached in src/queue-manager/rabbitmq only.';
  return { name: 'amqplib', message, allowTypeImports: true };
}

function outward(names) {
  return {
    regex: `^(\\./|(\\.\\./)+)(src/)?(${names.join('|')})/`,
    message: 'Imports point inward; see eslint.import-rule.js.',
  };
}

function isNotErrors(name) {
  return name !== 'errors' && name !== 'migrations';
}
