import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { drain } from '../../bench/harness/drain.js';
import type { DriverProcess } from '../../bench/harness/driver-process.js';

/** A worker whose start goes as it is told. */
function fakeWorker(start: () => Promise<unknown>) {
  const worker = {
    ask: start as DriverProcess['ask'],
    onEnd: (_: Error): void => undefined,
    onProgress: (_: Parameters<DriverProcess['onProgress']>[0]): void => undefined,
  };
  return worker;
}

const started = () => fakeWorker(() => Promise.resolve());
const failureOf = (promise: Promise<unknown>) => promise.then(() => undefined, String);

describe('draining in the benchmark', () => {
  it('ends when all workers together have finished enough', async () => {
    const workers = [started(), started()] as const;
    const draining = drain(workers, 3);
    workers[0].onProgress({ finished: 1, firstJobAtMs: 5, lastFinishedAtMs: 7 });
    workers[1].onProgress({ finished: 2, firstJobAtMs: 4, lastFinishedAtMs: 6 });
    expect(await draining).to.deep.equal({ programs: 3, firstJobAtMs: 4, lastFinishedAtMs: 7 });
  });

  it('fails when a worker ends', async () => {
    const worker = started();
    const draining = drain([worker], 1);
    worker.onEnd(new Error('it is gone'));
    expect(await failureOf(draining)).to.equal('Error: it is gone');
  });

  it('leaves no rejection behind when a worker that does not start is ended', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const worker = fakeWorker(() => Promise.reject(new Error('no start')));
    expect(await failureOf(drain([worker], 1))).to.equal('Error: no start');
    worker.onEnd(new Error('it is gone'));
    // Node.js tells of them before the next turn of the event loop.
    await nextTurn();
    process.off('unhandledRejection', note);
    expect(unhandled).to.deep.equal([]);
  });
});
