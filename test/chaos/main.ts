/** `npm run test:chaos -- --minutes 10 --seed 7 --database postgres`: disasters at random, then the account. */
import { parseArgs } from 'node:util';
import { testDatabases, type TestDatabase } from '../support/databases.js';
import { Interrupted, interruption } from '../support/interruption.js';
import { withServers } from '../support/servers/with-servers.js';
import { accountLines, disasterLines } from './account.js';
import { runChaos } from './run-chaos.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    database: { type: 'string', default: 'postgres' },
    'no-fence': { type: 'boolean', default: false },
  },
});

function chosenDatabase(): TestDatabase {
  const all = testDatabases();
  const chosen = all.find(({ name }) => name.startsWith(values.database));
  if (chosen) return chosen;
  throw new Error(`--database: "${values.database}" is none of ${all.map(({ name }) => name).join(', ')}`);
}

function atLeast(option: 'minutes' | 'seed', least: number): number {
  const number = Number(values[option]);
  if (number >= least) return number;
  throw new Error(`--${option}: "${values[option]}" is not a number from ${least} up`);
}

async function run(): Promise<number> {
  const startedAtMs = performance.now();
  const tell = (line: string): void =>
    console.log(`${((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(7)} s  ${line}`);
  const database = chosenDatabase();
  const seed = atLeast('seed', 0);
  const isFenceOff = values['no-fence'];
  tell(`seed ${seed}, ${database.name}${isFenceOff ? ', without the fence' : ''}`);
  const account = await runChaos({
    database,
    seed,
    isFenceOff,
    tell,
    durationMs: atLeast('minutes', 0) * 60_000,
  });
  for (const line of [...disasterLines(account), ...accountLines(account)]) tell(line);
  return account.violations.length === 0 ? 0 : 1;
}

const signal = interruption();
try {
  process.exitCode = await withServers(signal, (environment) => {
    Object.assign(process.env, environment);
    return run();
  });
} catch (error) {
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
  console.error(error instanceof Error ? error.message : error);
}
