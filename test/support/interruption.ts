/** Says why the run ends early: Ctrl-C or a polite kill. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor(readonly signalName: NodeJS.Signals) {
    super(`Interrupted by ${signalName}`);
  }

  /** What a shell expects of a process that ended by this signal. */
  get exitCode(): number {
    return { SIGINT: 130, SIGHUP: 129 }[this.signalName as string] ?? 143;
  }
}

/** Aborts at the first SIGINT, SIGTERM or SIGHUP; the process stays alive to clean up. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      controller.abort(new Interrupted(name));
    });
  return controller.signal;
}
