/**
 * Faults take seconds, mostly of waiting: begins all `cases` before the first test of the suite, so that they wait
 * together. What is given resolves with what became of one of them, for the test that judges it.
 */
export function atOnce<Case, Result>(
  cases: readonly Case[],
  work: (theCase: Case) => Promise<Result>,
): (theCase: Case) => Promise<Result> {
  const results = new Map<Case, Promise<Result>>();
  before(() => {
    for (const theCase of cases) {
      const result = work(theCase);
      // One that fails before its test is up is no stray rejection.
      result.catch(() => undefined);
      results.set(theCase, result);
    }
  });
  return (theCase) => results.get(theCase) ?? Promise.reject(new Error('This case was not begun'));
}
