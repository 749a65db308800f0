import Mocha, { type Runner, type Test } from 'mocha';
import { takeTold } from './account.js';

const { EVENT_TEST_PASS, EVENT_SUITE_BEGIN } = Mocha.Runner.constants;

/** One line a fault: what was done, what the audit saw, how long it took until all was well. */
export default class FaultReporter extends Mocha.reporters.Base {
  constructor(runner: Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (suite.title) console.log(`${suite.parent?.root ? '\n' : '  '}${suite.title}`);
    });
    runner.on(EVENT_TEST_PASS, (test: Test) =>
      console.log(`    ✔ ${test.title}: ${takeTold() || 'as expected'}`),
    );
    runner.on('fail', (test: Test) => console.log(`    ✘ ${test.title}: ${takeTold()}`));
    runner.once('end', () => this.epilogue());
  }
}
