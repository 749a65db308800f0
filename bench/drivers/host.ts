/** The process of a driver: loads the module it is told to, and does what the harness asks by IPC. */
import { pathToFileURL } from 'node:url';
import type { Commands, Reply, Request } from './commands.js';
import { Counter } from './counter.js';
import { createOneByOne, createPaced, elapsed } from './creating.js';
import type { Driver, OpenDriver } from './driver.js';
import { makeManyProgramData } from './program-data.js';

const send = (reply: Reply): void => void process.send?.(reply);
const counter = new Counter((progress) => {
  send({ progress });
});
let driver: Driver | undefined;

function opened(): Driver {
  if (!driver) throw new Error('The driver is not open');
  return driver;
}

const commands: Commands = {
  async open({ modulePath, settings }) {
    const module = (await import(pathToFileURL(modulePath).href)) as { default: OpenDriver };
    driver = await module.default(settings, counter);
  },
  setUp: () => opened().setUp(),
  create: ({ count, callers }) => elapsed(() => createOneByOne(opened(), count, callers)),
  createBulk({ count }) {
    const programs = makeManyProgramData(count);
    return elapsed(() => opened().createBulk(programs));
  },
  createPaced: ({ count, everyMs }) => elapsed(() => createPaced(opened(), count, everyMs)),
  startWorker: () => opened().startWorker(),
  stopWorker: () => opened().stopWorker(),
  resetCounts() {
    counter.reset();
    return Promise.resolve();
  },
  latencies: () => Promise.resolve(counter.latenciesMs()),
  async special({ name, argument }) {
    const special = opened().special?.[name];
    if (!special) throw new Error(`This system has no ${name}`);
    return special(argument);
  },
  tearDown: () => opened().tearDown(),
  close: () => opened().close(),
};

process.on('message', ({ id, command, argument }: Request) => {
  // Each command takes the argument that its request carries: the types are checked at the sender.
  const execute = commands[command] as (argument: unknown) => Promise<unknown>;
  execute(argument).then(
    (result) => {
      send({ id, result });
    },
    (error: unknown) => {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
  );
});
process.on('disconnect', () => process.exit());
