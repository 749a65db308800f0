import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { defineJob } from '../../../index.js';
import { Inbox } from '../../support/inbox.js';
import { testDatabases, urlOf } from '../../support/databases.js';
import { terminateConnections } from '../../support/servers/terminate-connections.js';
import { tell } from '../harness/account.js';
import { closeAll } from '../harness/close-all.js';
import { eventually } from '../../support/eventually.js';
import { OwnWorker } from '../harness/own-worker.js';
import { Scenario } from '../harness/scenario.js';

const RACES = 1_000;
const MERGES = 50;

describe('Faults: recording, races', function () {
  this.timeout(60_000);
  afterEach(closeAll);

  for (const database of testDatabases()) {
    it(`cancel racing finish ${RACES} times: exactly one wins, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      const races: Promise<void>[] = [];
      const racing = defineJob({
        name: 'third',
        execute: async ({ runId }) => {
          const number = races.length;
          races.push(race(scenario, runId, number));
          await delay((number % 8) * 5);
        },
      });
      await OwnWorker.start(scenario, { jobs: { third: racing } });
      await scenario.create(RACES);
      await scenario.ended();
      await Promise.all(races);
      expect(await scenario.verdict()).to.deep.equal([]);
      const cancelled = await countErrored(scenario);
      tell(`${cancelled} were cancelled`);
      expect(cancelled, 'both sides win some').to.be.within(1, RACES - 1);
    });

    it(`parallel merges, and connections terminated meanwhile: all are kept, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      const merging = new Inbox<string>();
      const first = defineJob({
        name: 'first',
        execute: async (message, data) => {
          merging.add(message.runId);
          await Promise.all(
            Array.from({ length: MERGES }, (_, index) => data.merge({ [`key${index}`]: index })),
          );
        },
      });
      await OwnWorker.start(scenario, { jobs: { first } });
      const runIds = await scenario.create(10);
      await merging.first(5);
      scenario.struck();
      if (database.server) await terminateConnections(urlOf(database));
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      for (const runId of runIds) {
        const program = await scenario.executor.getProgram(runId);
        expect(Object.keys(program?.jobData['first'] ?? {})).to.have.lengthOf(MERGES);
      }
    });
  }
});

/** Cancels a program while its last job ends, and expects what that came to. */
async function race(scenario: Scenario, runId: string, number: number): Promise<void> {
  await delay((Math.floor(number / 8) % 8) * 5);
  const isCancelled = await cancel(scenario, runId, number % 2 === 0);
  scenario.expectEnd(runId, isCancelled ? 'errored' : 'finished');
}

/** By the executor, or by hand as its users do; resolves with whether this was what ended the program. */
function cancel({ executor, knex, table }: Scenario, runId: string, isByHand: boolean): Promise<boolean> {
  if (!isByHand) return executor.cancelProgram(runId);
  const byHand = () =>
    knex(table)
      .where('run_id', runId)
      .whereNull('finished_at')
      .whereNull('errored_at')
      .update({ errored_at: knex.fn.now() });
  // SQLite is busy now and then, and says so.
  return eventually('cancelled by hand or ended', async () => ({ changed: await byHand() })).then(
    ({ changed }) => changed > 0,
  );
}

async function countErrored({ knex, table }: Scenario): Promise<number> {
  const [row] = await knex(table).whereNotNull('errored_at').count({ count: '*' });
  return Number(row?.['count']);
}
