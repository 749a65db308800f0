/** Mocha's global teardown: a test run that leaves something open ends, soon and as failed. */

const GRACE_MS = 15_000;

export function mochaGlobalTeardown(): void {
  // Does not itself keep the process alive: it only fires where something else does.
  setTimeout(() => {
    console.error(`Still open ${GRACE_MS / 1000} s after the last test:`, process.getActiveResourcesInfo());
    process.exit(1);
  }, GRACE_MS).unref();
}
