import { expect } from 'chai';
import { testDatabases } from '../support/databases.js';
import { Scenario, type ScenarioOptions } from './harness/scenario.js';

const HOLD = { second: { kind: 'hold' } } as const;

function onEveryDatabase(declare: (open: (options?: ScenarioOptions) => Promise<Scenario>) => void): void {
  for (const database of testDatabases())
    describe(`on ${database.name}`, () => declare((options) => Scenario.open(database, options)));
}

describe('Faults: a worker dies', function () {
  this.timeout(60_000);
  afterEach(() => Scenario.closeAll());

  onEveryDatabase((open) => {
    it('TEM-2, WP-36: lets another worker finish what a killed one ran', async () => {
      const scenario = await open();
      const doomed = await scenario.crew.start({ isGateOpen: false });
      const runIds = await scenario.create(3, HOLD);
      await Promise.all(runIds.map((runId) => doomed.seen('entered', { runId, count: 2 })));
      await scenario.crew.start();
      scenario.struck();
      await doomed.kill();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      const taken = (await scenario.versions()).filter(({ losses }) => losses > 0);
      expect(new Set(taken.map(({ runId }) => runId))).to.have.lengthOf(3);
    });

    it('hands over at once what a stopped worker ran, with no attempt and no loss counted', async () => {
      const scenario = await open({ options: { leaseMs: 60_000 } });
      const leaving = await scenario.crew.start({ isGateOpen: false, graceMs: 50 });
      const runIds = await scenario.create(3, HOLD);
      await Promise.all(runIds.map((runId) => leaving.seen('entered', { runId, count: 2 })));
      await scenario.crew.start();
      expect(await leaving.stop()).to.equal(0);
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      for (const { retries, losses } of await scenario.versions())
        expect({ retries, losses }).to.deep.equal({ retries: 0, losses: 0 });
    });
  });

  it('WP-36: fails a program whose job kills its worker again and again, but not those beside it', async () => {
    const [database] = testDatabases();
    if (!database) throw new Error('There is no database');
    const scenario = await Scenario.open(database);
    const [deadly] = (await scenario.create(1, { second: { kind: 'exit' } })) as [string];
    await scenario.create(3, { second: { kind: 'take', ms: 500 } });
    scenario.expectEnd(deadly, 'errored');
    const ended = scenario.program(deadly, ({ erroredAt }) => erroredAt !== null);
    const deaths = await replaceTheDeadUntil(ended, scenario);
    expect(deaths).to.equal(4);
    expect((await ended).errorMessage).to.match(/^Lost 4 times in a row: .*job "second"/);
    await scenario.ended();
    expect(await scenario.verdict()).to.deep.equal([]);
  });
});

/** Keeps one worker running; resolves with how many have died. */
async function replaceTheDeadUntil(ended: Promise<unknown>, { crew }: Scenario): Promise<number> {
  for (let deaths = 0; ; deaths += 1) {
    const { exited } = await crew.start();
    const isOver = await Promise.race([ended.then(() => true), exited.then(() => false)]);
    if (isOver) return deaths;
  }
}
