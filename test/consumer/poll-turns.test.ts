import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Intake } from '../../src/consumer/intake.js';
import { JobSlots } from '../../src/consumer/job-slots.js';
import { Poller } from '../../src/consumer/poller.js';
import type { ClaimedProgram } from '../../src/program/program.js';
import type { ClaimLane } from '../../src/program-handler/index.js';
import { silentLogger } from '../support/silent-logger.js';

/** A worker with more hints than slots, and how often its poll claims before it stops. */
class FloodedWorker {
  readonly #slots = new JobSlots(2);
  readonly #intake: Intake;
  readonly #poller: Poller;
  #open = 0;
  #isStopped = false;
  hinted = 0;

  constructor(claimDue: ClaimLane['claimDue'], untilDueMs = 0) {
    const claims = {
      claimRung: () => Promise.resolve([{ runId: 'hinted' }]),
      claimDue,
      untilDueMs: () => Promise.resolve(untilDueMs),
    } as unknown as ClaimLane;
    const run = ({ runId }: ClaimedProgram) => {
      if (runId === 'hinted') this.hinted += 1;
      return this.#slots.use(() => nextTurn());
    };
    this.#intake = new Intake(claims, this.#slots, run, () => this.#poller.onSlotFree());
    this.#poller = new Poller({ claims, intake: this.#intake, maxSleepMs: 60_000, logger: silentLogger });
    this.#feed();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#intake.close();
    await this.#poller.stop();
    await this.#intake.idle();
  }

  /** Ten wait at any time. */
  #feed(): void {
    while (this.#open < 10 && !this.#isStopped) {
      this.#open += 1;
      const done = () => {
        this.#open -= 1;
        setImmediate(() => this.#feed());
      };
      this.#intake.onHint({ runId: 'hinted', note: undefined, ack: done, requeue: done });
    }
  }
}

describe('a worker that always has hints waiting for room', () => {
  const PROGRAM = { runId: 'polled' } as ClaimedProgram;

  it('gives the poll its turn, and then the hints theirs, on and on', async () => {
    let worker: FloodedWorker | undefined;
    const hintedBetween = await new Promise<number[]>((resolve) => {
      const hinted: number[] = [];
      worker = new FloodedWorker(async function* (limit) {
        hinted.push(worker?.hinted ?? 0);
        if (hinted.length === 200) resolve(hinted);
        yield await Promise.resolve(Array<ClaimedProgram>(limit).fill(PROGRAM));
      });
    });
    await worker?.stop();
    const turns = hintedBetween.filter((hinted, index) => hinted > (hintedBetween[index - 1] ?? -1));
    expect(turns.length).to.be.within(3, 20);
  });

  it('is back to the hints when nothing is due', async () => {
    const worker = new FloodedWorker(async function* () {
      yield await Promise.resolve([]);
    }, 60_000);
    while (worker.hinted < 20_000) await nextTurn();
    await worker.stop();
  });

  it('is back to the hints when the database does not answer', async () => {
    let failures = 0;
    const worker = new FloodedWorker(async function* () {
      failures += 1;
      yield await Promise.reject<ClaimedProgram[]>(new Error('away'));
    });
    while (failures === 0) await nextTurn();
    const before = worker.hinted;
    while (worker.hinted < before + 100) await nextTurn();
    await worker.stop();
  });
});
