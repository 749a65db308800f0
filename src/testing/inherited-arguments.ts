/** With a value that is no file of the program. */
const CODE = /^(-e|--eval|-p|--print|-pe)$/;
/** What is for this process alone: a debugger's port, a runner of tests, a source of code. */
const OWN = /^--(inspect|test|watch|input-type)/;

/** The arguments of this Node that another process shall have too: loaders such as `--import tsx`, and flags. */
export function inheritedArguments(execArguments: readonly string[]): string[] {
  return execArguments.filter((argument, index) => {
    const previous = execArguments[index - 1];
    return !CODE.test(argument) && !OWN.test(argument) && !(previous !== undefined && CODE.test(previous));
  });
}
