/**
 * `npm run test:faults`: the whole set, in two lanes side by side, each with servers of its own, as most tests
 * wait most of the time. What the second lane prints comes after the first.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { URL_VARIABLES } from '../support/servers/description.js';

const RUN = fileURLToPath(new URL('../support/run.js', import.meta.url));
const REPORTER = 'build/test/faults/harness/reporter.js';
const faults = (area: string): string => `build/test/faults/${area}/*.fault.js`;

/** About as long, each. */
const LANES = [
  ['chaos', 'creating', 'delivering', 'stopping'].map(faults),
  [...['running', 'recording', 'time'].map(faults), 'build/test/faults/*.test.js'],
];

interface LaneEnd {
  readonly exitCode: number;
  readonly printed: string;
}

function runLane(specs: readonly string[], output: 'inherit' | 'pipe'): Promise<LaneEnd> {
  const child = spawn(process.execPath, ['--enable-source-maps', RUN, '--reporter', REPORTER, ...specs], {
    stdio: ['ignore', output, output],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ exitCode: code ?? 1, printed: Buffer.concat(chunks).toString() }),
    );
  });
}

async function runAll(): Promise<number> {
  const [first = [], ...others] = LANES;
  const ends = [runLane(first, 'inherit'), ...others.map((lane) => runLane(lane, 'pipe'))];
  let exitCode = 0;
  for (const end of ends) {
    const lane = await end;
    process.stdout.write(lane.printed);
    exitCode ||= lane.exitCode;
  }
  return exitCode;
}

/** Tests of both lanes stop and break servers. */
function sharedServer(): string | undefined {
  return Object.values(URL_VARIABLES).find((variable) => process.env[variable]);
}

const shared = sharedServer();
if (shared) {
  console.error(`${shared}: leave it out; these tests break the servers, and start their own.`);
  process.exitCode = 2;
} else process.exitCode = await runAll();
