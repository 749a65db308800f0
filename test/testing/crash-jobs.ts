/** The jobs of crash tests. What they do to the world is a line in the file that TEST_WORLD names. */
import { appendFileSync } from 'node:fs';
import { defineJob, RetryableError } from '../../index.js';
import { recordEffect } from '../../testing.js';

function act(name: string): void {
  appendFileSync(process.env['TEST_WORLD'] ?? '', `${name}\n`);
  recordEffect(name);
}

/** Acts, then remembers that it did: a crash in between makes it act again. */
export const actThenRemember = defineJob({
  name: 'act then remember',
  execute: async (_message, data: any) => {
    const { isDone } = await data.get();
    if (isDone) return;
    act('charge');
    await data.merge({ isDone: true });
  },
});

/** Remembers, then acts: a crash in between keeps it from acting at all. */
export const rememberThenAct = defineJob({
  name: 'remember then act',
  execute: async (_message, data: any) => {
    const { isDone } = await data.get();
    if (isDone) return;
    await data.merge({ isDone: true });
    act('mail');
  },
});

/** Acts in the transaction of its end, on the table that the test has made. */
export const book = defineJob({
  name: 'book',
  execute: (_message, _data, { transaction }) =>
    transaction(async (trx) => {
      await trx('bookings').insert({ cents: 5 });
    }),
});

/** Fails at first, for an hour, and creates a program then, which a crash may make it do again. */
export const order = defineJob({
  name: 'order',
  execute: async (_message, _data, { attempt, createProgram, idempotencyKey }) => {
    if (attempt === 1) throw new RetryableError('later', 503, { retryAfterMs: 3_600_000 });
    recordEffect(`order ${idempotencyKey}`);
    await createProgram({ jobs: ['child'] });
  },
});

export const child = defineJob({ name: 'child', execute: () => recordEffect('child') });

export const fail = defineJob({
  name: 'fail',
  execute: () => {
    throw new Error('as always');
  },
});

export const exit = defineJob({
  name: 'exit',
  execute: () => {
    console.error('out of order');
    process.exit(3);
  },
});

export const hang = defineJob({ name: 'hang', execute: () => new Promise(() => undefined) });

export const block = defineJob({
  name: 'block',
  execute: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
