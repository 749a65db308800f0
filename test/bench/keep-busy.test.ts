import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import type { DriverProcess } from '../../bench/harness/driver-process.js';
import { keepBusy } from '../../bench/scenarios/workload/keep-busy.js';

/** Longer than any test may take: what ends is ended by something else. */
const AN_HOUR = 3_600_000;

describe('keeping a worker busy in the benchmark', () => {
  const worker = {
    onEnd: (_: Error): void => undefined,
    onProgress: (_: Parameters<DriverProcess['onProgress']>[0]): void => undefined,
  };
  const failureOf = (promise: Promise<unknown>) => promise.then(() => undefined, String);

  it('fails when the worker ends, which finishes nothing any more', async () => {
    const producer = { ask: (() => nextTurn()) as DriverProcess['ask'] };
    const busy = keepBusy(producer, worker, AN_HOUR, new AbortController().signal);
    worker.onEnd(new Error('it is gone'));
    expect(await failureOf(busy)).to.equal('Error: it is gone');
  });

  it('waits with further programs while the worker has enough', async () => {
    const enough = new AbortController();
    let created = 0;
    const create = async (_: string, { count }: { count: number }): Promise<void> => {
      created += count;
      if (created > 20_000) setTimeout(() => enough.abort(new Error('enough')), 30);
      await nextTurn();
    };
    const busy = keepBusy({ ask: create as DriverProcess['ask'] }, worker, AN_HOUR, enough.signal);
    expect(await failureOf(busy)).to.equal('Error: enough');
    expect(created).to.equal(22_000);
  });
});
