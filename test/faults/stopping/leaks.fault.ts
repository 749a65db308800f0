import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Inbox } from '../../support/inbox.js';
import { tell } from '../harness/account.js';
import { atOnce } from '../harness/at-once.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { SPEC_VARIABLE } from '../harness/protocol.js';
import type { Holdings } from '../harness/rounds-process.js';
import { Scenario } from '../harness/scenario.js';

const SCRIPT = fileURLToPath(new URL('../harness/rounds-process.js', import.meta.url));
/** How often a process may look until what it has closed has left it. */
const LOOKS = 100;
const children: ChildProcess[] = [];

/** Resolves with what the process held after the first rounds, and as soon as that is so again after the last. */
async function runRounds(mode: Mode): Promise<{ before: Holdings; after: Holdings }> {
  const { crew } = await openIn(mode);
  const env = { ...process.env, [SPEC_VARIABLE]: JSON.stringify(crew.defaults) };
  const child = fork(SCRIPT, { env });
  children.push(child);
  const held = new Inbox<Holdings>();
  child.on('message', (message) => held.add(message as Holdings));
  const [before] = (await held.first(1)) as [Holdings];
  for (let looks = 2; ; looks += 1) {
    const after = (await held.first(looks))[looks - 1] as Holdings;
    if (looks > LOOKS || isWithin(after, before)) return { before, after };
  }
}

function isWithin(after: Holdings, before: Holdings): boolean {
  return (
    areWithin(after.descriptors, before.descriptors) &&
    areWithin(after.resources, before.resources) &&
    after.threads <= before.threads
  );
}

function areWithin(after: Holdings['resources'], before: Holdings['resources']): boolean {
  return Object.entries(after).every(([kind, count]) => count <= (before[kind] ?? 0));
}

function sum(counts: Holdings['descriptors']): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

describe('Faults, stopping: again and again', function () {
  this.timeout(180_000);
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Scenario.closeAll();
  });
  const all = modes();
  const rounds = atOnce(all, runRounds);

  for (const mode of all)
    it(`50 start/stop rounds: no handle, socket or thread is left, on ${mode.name}`, async () => {
      const { before, after } = await rounds(mode);
      expect(isWithin(after, before), JSON.stringify({ before, after })).to.equal(true);
      tell(`${sum(after.descriptors)} descriptors and ${after.threads} threads after 5 rounds and after 55`);
    });
});
