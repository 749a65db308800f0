import { setTimeout as sleep } from 'node:timers/promises';
import { describeFault } from '../../program-handler/index.js';
import type { Report } from './service-event.js';

/** Ends the leases of a worker; resolves with how many programs it held. */
export type ExpireClaims = (workerId: string) => Promise<number>;

/** The pause after a failure, in milliseconds. */
const RETRY_MS = 1_000;
/** Then most leases have ended by themselves, in milliseconds. */
const GIVE_UP_AFTER_MS = 60_000;
/** A database may still carry out what a worker sent just before it died; then that is seen to, too. */
const LOOK_AGAIN_MS = 1_000;

/** Sees to it that what dead workers held is taken over at once instead of when their leases end. */
export class DeadWorkers {
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly expireClaims: ExpireClaims,
    private readonly report: Report,
  ) {}

  /** Goes on in the background, and never fails: the leases end anyway. */
  add(pid: number, workerId: string): void {
    const expired = this.#expire(pid, workerId);
    this.#underWay.add(expired);
    void expired.then(() => this.#underWay.delete(expired));
    void expired.then(() => sleep(LOOK_AGAIN_MS)).then(() => this.#expire(pid, workerId));
  }

  /** Resolves when all of them have been seen to once, after `timeoutMs` at the latest. */
  async settled(timeoutMs: number): Promise<void> {
    await Promise.race([Promise.all(this.#underWay), sleep(timeoutMs)]);
  }

  async #expire(pid: number, workerId: string): Promise<void> {
    const endsAtMs = performance.now() + GIVE_UP_AFTER_MS;
    for (let failures = 0; ; failures += 1)
      try {
        const programs = await this.expireClaims(workerId);
        if (programs > 0) this.report({ event: 'handedOver', pid, programs });
        return;
      } catch (error) {
        const { error_message: reason } = describeFault(error);
        if (failures === 0) this.report({ event: 'handOverFailed', pid, reason });
        if (performance.now() > endsAtMs) return;
        await sleep(RETRY_MS);
      }
  }
}
