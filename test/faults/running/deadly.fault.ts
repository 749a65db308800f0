import { expect } from 'chai';
import { atOnce } from '../harness/at-once.js';
import { modes, openIn } from '../harness/modes.js';
import type { Action } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';

const DEADLY: Record<string, Action> = {
  'calls process.exit': { kind: 'exit' },
  aborts: { kind: 'abort' },
  'runs out of memory': { kind: 'exhaustMemory' },
};

const SMALL = { execArgv: ['--max-old-space-size=48'], diesQuietly: true };
/** Each of four deaths is found out by the end of a lease. */
const DEADLINE_MS = 150_000;

const CASES = modes().flatMap((mode) =>
  Object.entries(DEADLY).map(([what, action]) => ({ mode, what, action })),
);

/** A program that kills each of its workers, and others that run beside it. */
async function runWithOthers({ mode, action }: (typeof CASES)[number]) {
  const scenario = await openIn(mode);
  const [deadly] = (await scenario.create(1, { second: action })) as [string];
  await scenario.create(3, { second: { kind: 'take', ms: 500 } });
  scenario.expectEnd(deadly, 'errored');
  scenario.struck();
  const deaths = await replaceTheDead(scenario);
  const program = await scenario.program(deadly, ({ erroredAt }) => erroredAt !== null);
  return { scenario, program, deaths };
}

/** Keeps one worker running until all programs have ended; resolves with how many have died. */
async function replaceTheDead(scenario: Scenario): Promise<number> {
  const ended = scenario.ended(undefined, DEADLINE_MS);
  for (let deaths = 0; ; deaths += 1) {
    const { exited } = await scenario.crew.start(SMALL);
    const isOver = await Promise.race([ended.then(() => true), exited.then(() => false)]);
    if (isOver) return deaths;
  }
}

describe('Faults, running: a job kills its worker, again and again', function () {
  this.timeout(180_000);
  after(() => Scenario.closeAll());
  const run = atOnce(CASES, runWithOthers);

  for (const theCase of CASES)
    it(`${theCase.what}: fails after 3 losses, those beside it finish, on ${theCase.mode.name}`, async () => {
      const { scenario, program, deaths } = await run(theCase);
      expect(program.errorMessage).to.match(
        /^Lost 4 times in a row: .*job "second".*out of memory, process\.exit/,
      );
      expect(deaths).to.equal(4);
      expect(await scenario.verdict()).to.deep.equal([]);
    });
});
