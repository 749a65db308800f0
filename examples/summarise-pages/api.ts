import { createErrorSimulation, createMockService, startMockServer } from '../../testing.js';

const LIMITS = {
  maxConcurrency: 60,
  rateLimit: { limit: 160, windowMs: 1_000 },
  delayMs: [80, 120],
} as const;

/** Somebody else's API: nobody has written down its limits, and it is not always well. */
export class SummariesApi {
  readonly #server;

  private constructor(server: Awaited<ReturnType<typeof startMockServer>>) {
    this.#server = server;
  }

  static async start(): Promise<SummariesApi> {
    return new SummariesApi(await startMockServer({ port: 0 }));
  }

  get url(): string {
    return `${this.#server.url}/mock/summaries`;
  }

  /** As far as such an API does: every fiftieth request or so is answered with 500. */
  async works(): Promise<void> {
    await this.#failing(0.02, 500);
  }

  async isOutOfOrder(): Promise<void> {
    await this.#failing(1, 503);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async #failing(rate: number, status: number): Promise<void> {
    const errorSimulation = createErrorSimulation(rate, status);
    const answer = await createMockService('summaries', { ...LIMITS, errorSimulation }, this.#server.url);
    if (!answer.ok) throw new Error(`The mock API refused its service: ${await answer.text()}`);
  }
}
