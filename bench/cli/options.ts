import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { BrokerChoice, DatabaseChoice } from '../contenders/ours.js';
import { PEER_NAMES, type PeerName } from '../contenders/peers.js';

export interface BenchOptions {
  /** Names of scenarios; none: all. */
  scenarios: string[];
  db?: DatabaseChoice;
  broker?: BrokerChoice;
  peers: PeerName[];
  runs: number;
  /** Of workload W in one run of the fastest; slower systems get their share of it. */
  programs: number;
  /** Of the scenario `memory`. */
  minutes: number;
  /** Left out: the product's default. */
  concurrency?: number;
  /** The systems run on the Node.js that runs the benchmark, not on the one of `bench/peers`. */
  ownNode: boolean;
  quick: boolean;
  list: boolean;
  plots: boolean;
}

const QUICK = { runs: 1, programs: 5_000, minutes: 0.5 };

/** What the command line asks for. Ends the process after `--help` and after a mistake. */
export function parseOptions(argv: readonly string[], scenarioNames: readonly string[]): BenchOptions {
  const command = describe(scenarioNames).parse([...argv], { from: 'user' });
  const { peer, ...options } = command.opts<
    Omit<BenchOptions, 'peers' | 'scenarios'> & { peer: PeerName[] }
  >();
  const quick = options.quick ? withoutGiven(command) : {};
  return { ...options, ...quick, peers: peer, scenarios: command.args };
}

function describe(scenarioNames: readonly string[]): Command {
  return new Command('npm run bench --')
    .description('Measures Program Executor beside other systems, in turn, on this machine.')
    .addArgument(new Argument('[scenarios...]', 'which to run; none: all').choices(scenarioNames))
    .addOption(
      new Option('--db <database>', 'ours on this database only').choices(['pg', 'mariadb', 'sqlite']),
    )
    .addOption(
      new Option('--broker <broker>', 'ours with or without a broker only').choices(['rabbitmq', 'none']),
    )
    .option('--peer <names>', `other systems: all, none, or some of ${PEER_NAMES.join(',')}`, parsePeers, [
      ...PEER_NAMES,
    ])
    .option('--runs <number>', 'how often each figure is measured', parseCount, 3)
    .option('--programs <number>', 'programs in one run', parseCount, 50_000)
    .option('--minutes <number>', 'how long the scenario memory takes', parseNumber, 10)
    .option('--concurrency <number>', 'of our workers, instead of the default', parseCount)
    .option('--own-node', 'run all systems on this Node.js, instead of the one in bench/peers', false)
    .option('--quick', 'one short run of everything: shows that it works, not how fast', false)
    .option('--plots', 'draw the plots of the documentation from these figures', false)
    .option('--list', 'show the scenarios and their hypotheses', false);
}

/** `--quick` lowers what was not asked for by name. */
function withoutGiven(command: Command): Partial<BenchOptions> {
  const isDefault = ([name]: [string, unknown]) => command.getOptionValueSource(name) === 'default';
  return Object.fromEntries(Object.entries(QUICK).filter(isDefault));
}

export function parsePeers(text: string): PeerName[] {
  if (text === 'all') return [...PEER_NAMES];
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const known = PEER_NAMES.find((peer) => peer === name);
    if (!known) throw new InvalidArgumentError(`Known: all, none, ${PEER_NAMES.join(', ')}.`);
    return known;
  });
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('Expected a whole number from 1.');
  return count;
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('Expected a number above 0.');
  return number;
}
