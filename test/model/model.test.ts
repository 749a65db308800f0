import { expect } from 'chai';
import { Answers } from './answers.js';
import { describeRow } from './describe.js';
import { modelOf, settingFor, SMALL_SETTINGS } from './models.js';
import { MUTATIONS } from './mutations/index.js';
import { openSqlite, type OpenTable } from './open-table.js';
import type { State } from './state.js';
import { printTrace } from './trace.js';
import { check, type Verdict } from './verdict.js';

/** Searches take seconds, and many times that on a busy machine. */
const PATIENCE_MS = 180_000;

describe('the model of the protocol', function () {
  this.timeout(PATIENCE_MS);
  let sqlite: OpenTable;
  let answers: Answers;

  before(async () => {
    sqlite = await openSqlite();
    answers = new Answers(sqlite.table);
  });
  after(() => sqlite.close());

  for (const setting of SMALL_SETTINGS)
    it(`${setting.title}: no state breaks a promise, and from each the program can end`, async () => {
      const verdict = await check(await modelOf(setting, answers), answers);
      expect(report(verdict)).to.equal('');
      expect(verdict.states).to.be.above(1_000);
    });

  for (const mutation of MUTATIONS)
    it(`is found out to be unsafe or stuck where ${mutation.title}`, async () => {
      const model = await modelOf(settingFor(mutation), answers);
      const { fault } = await check({ ...model, mutation }, answers);
      expect(fault?.what).to.equal(EXPECTED.get(mutation.title));
      expect(fault?.trace).to.have.length.within(2, 12);
    });
});

const EXPECTED = new Map([
  ['writes do not name the fence', 'a run wrote to a row that it holds no longer'],
  ['nobody polls', 'the program can never end'],
  ['writes do not name the token of their claim', 'a run wrote to a row that it holds no longer'],
  ['transitions do not name their step', 'one transition changed the row twice'],
  ['records of an end do not ask whether the program has ended', 'a run wrote to a program that has ended'],
  ['other records do not ask whether the program has ended', 'a run wrote to a program that has ended'],
  ['renewals do not ask whether the program has ended', 'a run wrote to a program that has ended'],
  ['saved data do not ask whether the program has ended', 'a run wrote to a program that has ended'],
  ['cancellations do not ask whether the program has ended', 'the program is both finished and errored'],
  ['claims do not wait for the lease of another', 'a claim took over while the lease of another held'],
  ['a poll takes what waits for its message', 'a program was claimed that may not start'],
  ['a poll does not leave a new program to its hint', 'a program was claimed that may not start'],
  ['a claim leaves a parked row parked', 'the program can never end'],
  ['a recorded step does not reset the losses', 'losses are counted on although a step was recorded since'],
  ['a retry parks its row', 'a row was parked'],
]);

function report({ fault }: Verdict<State>): string {
  return fault ? `${fault.what}\n${printTrace(fault.trace, describeRow)}` : '';
}
