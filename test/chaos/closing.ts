/** What has to be done in the end, the latest first. */
export class Closing {
  readonly #steps: (() => Promise<unknown>)[] = [];

  later(step: () => Promise<unknown>): void {
    this.#steps.unshift(step);
  }

  /** Does all of it. @throws AggregateError of what failed */
  async now(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.#steps.splice(0)) await step().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be closed');
  }
}
