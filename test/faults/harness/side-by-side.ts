import { expect } from 'chai';
import { tell, tellApart, type Told } from './account.js';
import { Scenario } from './scenario.js';

/** What provokes a fault and waits until it is over; resolves with the scenario, to be judged. */
export type Row = () => Promise<Scenario>;

/** Declares a test for each row. They run at the same time, as they mostly wait, and each is judged by itself. */
export function sideBySide(rows: Record<string, Row>): void {
  const outcomes = new Map<string, Promise<Told<Scenario>>>();

  before(() => {
    for (const [title, row] of Object.entries(rows)) {
      const outcome = tellApart(row);
      outcome.catch(() => undefined);
      outcomes.set(title, outcome);
    }
  });
  after(async () => {
    // Ends what a test that ran out of time still waits for.
    await Scenario.closeAll();
    await Promise.allSettled(outcomes.values());
  });

  for (const title of Object.keys(rows))
    it(title, async () => {
      const { result, told } = (await outcomes.get(title)) as Told<Scenario>;
      for (const sentence of told) tell(sentence);
      expect(await result.verdict()).to.deep.equal([]);
    });
}
