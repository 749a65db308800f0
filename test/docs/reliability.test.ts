import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const FAULTS = 'test/faults';
const PAGE = 'docs/explanation/reliability.md';
/** What tests the harness itself, and what the page tells of in words. */
const NO_FAULTS = new Set(['audit.test.ts', 'chaos/chaos.fault.ts']);

describe('the page on reliability', () => {
  it('names every file of the fault set, and no other', () => {
    const files = readdirSync(FAULTS, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.(test|fault)\.ts$/.test(file) && !NO_FAULTS.has(file),
    );
    const named = [...readFileSync(PAGE, 'utf8').matchAll(/`([\w/-]+\.(?:test|fault)\.ts)`/g)].map(
      ([, file]) => file,
    );
    expect(new Set(named)).to.deep.equal(new Set(files));
  });
});
