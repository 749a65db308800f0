import { expect } from 'chai';
import { tell } from '../harness/account.js';
import { atOnce } from '../harness/at-once.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { ODD_THINGS, type OddThing } from '../harness/odd-things.js';
import { Scenario } from '../harness/scenario.js';

const THINGS = Object.keys(ODD_THINGS) as OddThing[];

/** One worker that runs a program for each odd thing, and then a sound one. */
async function throwAll(mode: Mode) {
  const scenario = await openIn(mode);
  const worker = await scenario.crew.start();
  const runIds = new Map<OddThing, string>();
  for (const thing of THINGS) {
    const [runId] = (await scenario.create(1, { second: { kind: 'throw', thing } })) as [string];
    runIds.set(thing, runId);
    scenario.expectEnd(runId, 'errored');
  }
  await scenario.ended();
  await scenario.create(1);
  await scenario.ended();
  return { scenario, worker, runIds };
}

describe('Faults, running: a job throws what nobody should', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());
  const all = modes();
  const thrown = atOnce(all, throwAll);

  for (const thing of THINGS) {
    const { message }: { message: string | RegExp } = ODD_THINGS[thing];
    it(`throws ${thing}: the program ends errored, with a readable text, on every database`, async () => {
      for (const mode of all) {
        const { scenario, runIds } = await thrown(mode);
        const program = await scenario.executor.getProgram(runIds.get(thing) ?? '');
        expect(program).to.include({ step: 1, finishedAt: null, stepRetryCount: 0 });
        expect(program?.erroredAt, mode.name).to.be.a('date');
        if (typeof message === 'string') expect(program?.errorMessage, mode.name).to.equal(message);
        else expect(program?.errorMessage, mode.name).to.match(message);
      }
      tell(`"${typeof message === 'string' ? message.slice(0, 60) : message.source}"`);
    });
  }

  for (const mode of all)
    it(`throws all of them: the worker lives on, on ${mode.name}`, async () => {
      const { scenario, worker } = await thrown(mode);
      expect(await scenario.verdict()).to.deep.equal([]);
      expect(await worker.stop()).to.equal(0);
    });
});
