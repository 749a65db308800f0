import { expect } from 'chai';
import { printTrace } from '../trace.js';
import type { Verdict } from '../verdict.js';
import { describeWorld } from './describe.js';
import { checkLines, settingFor, SMALL_SETTINGS } from './models.js';
import { MUTATIONS } from './mutations/index.js';
import { openLines, type OpenLines } from './open-lines.js';
import type { State } from './state.js';

/** Searches take seconds, and many times that on a busy machine. */
const PATIENCE_MS = 180_000;

describe('the model of lines', function () {
  this.timeout(PATIENCE_MS);
  let lines: OpenLines;

  before(async () => {
    lines = await openLines();
  });
  after(() => lines.close());

  for (const setting of SMALL_SETTINGS)
    it(`${setting.title}: no state breaks a promise, and from each the batch can complete`, async () => {
      const verdict = await checkLines(setting, lines.answers);
      expect(report(verdict)).to.equal('');
      expect(verdict.states).to.be.above(100);
    });

  for (const mutation of MUTATIONS)
    it(`is found out to be unsafe or stuck where ${mutation.title}`, async () => {
      const mutated = await openLines(mutation);
      const search = checkLines(settingFor(mutation), mutated.answers);
      const { fault } = await search.finally(() => mutated.close());
      expect(fault?.what).to.equal(EXPECTED.get(mutation.title));
      expect(fault?.trace).to.have.length.within(1, 12);
    });
});

const EXPECTED = new Map([
  ['a claim does not count the slots of its pool', 'more programs run than the pool allows'],
  ['a sweep does not fence off whom it takes a slot from', 'a run ended that held no slot'],
  ['a record does not delete the slot', 'a run ended and kept its slot'],
  [
    'a record counts also where its guard did not hold',
    'a run wrote although it holds its program no longer',
  ],
  ['records do not ask whether the program has ended', 'a run wrote to a program that has ended'],
  ['renewals do not ask whether the program has ended', 'a run wrote to a program that has ended'],
  ['the callback is created in a transaction of its own', 'something stayed of a record that was taken back'],
  ['a batch forgets that it has completed before', 'there are 2 callbacks of a batch that has completed'],
  ['a sweep does not count what it found ended', 'the counts of the batch are not those of its programs'],
  ['nobody sweeps', 'the batch can never complete with all slots free'],
  ['a record does not open the pool', 'the batch can never complete with all slots free'],
  ['a claim takes who has not waited long enough', 'a program was claimed that may not start'],
  ['a claim of what is due takes who waits in a line', 'a program was claimed that may not start'],
]);

function report({ fault }: Verdict<State>): string {
  return fault ? `${fault.what}\n${printTrace(fault.trace, describeWorld)}` : '';
}
