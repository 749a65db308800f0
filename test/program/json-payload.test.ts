import { expect } from 'chai';
import fc from 'fast-check';
import { InvalidProgramError, PayloadTooLargeError } from '../../src/errors/index.js';
import { payloadJson } from '../../src/program/json-payload.js';

const json = (value: unknown, maxBytes = 1_024) =>
  payloadJson('programData', value, { maxBytes, maxDepth: 100 });

describe('a payload', () => {
  it('is written as the JSON that was given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(json(value, 1e6)).to.equal(JSON.stringify(value));
      }),
    );
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const refused: [string, unknown, RegExp][] = [
    ['null', null, /programData: expected an object, got null/],
    ['an array', [], /got an array/],
    ['a string', 'x', /got string/],
    ['a cycle', cyclic, /programData.self: cannot be written as JSON: it holds itself/],
    ['a BigInt', { n: 1n }, /programData.n: cannot be written as JSON/],
    ['a NUL character', { a: [{ b: 'x\u0000' }] }, /programData\.a\.0\.b: holds a NUL/],
    ['half a surrogate pair', { a: '\ud800' }, /programData\.a: holds/],
    ['a bad key', { 'k\u0000': 1 }, /a key/],
    ['a toJSON that gives nothing', { toJSON: () => undefined }, /expected an object/],
  ];
  for (const [name, value, message] of refused)
    it(`refuses ${name}, saying where`, () => {
      expect(() => json(value)).to.throw(InvalidProgramError, message);
    });

  it('takes text that only looks like a refused escape', () => {
    expect(json({ a: '\\u0000 and \\ud800' })).to.equal('{"a":"\\\\u0000 and \\\\ud800"}');
  });

  it('counts bytes, not characters, and takes exactly the limit', () => {
    expect(() => json({ a: 'é'.repeat(600) })).to.throw(PayloadTooLargeError, /1208 bytes/);
    expect(json({ a: 'x'.repeat(1_016) })).to.have.length(1_024);
  });
});
