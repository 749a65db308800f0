import { expect } from 'chai';
import fc from 'fast-check';
import { cloneJson } from '../../src/program/clone-json.js';

describe('copies of JSON values', () => {
  it('read the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => JSON.stringify(cloneJson(value)) === JSON.stringify(value)),
    );
  });

  it('share nothing with the original', () => {
    const original = { list: [{ x: 1 }] };
    cloneJson(original).list[0]!.x = 2;
    expect(original).to.deep.equal({ list: [{ x: 1 }] });
  });

  it('keep a field that is named like the prototype', () => {
    const copy = cloneJson(JSON.parse('{"__proto__":{"x":1}}') as object);
    expect(JSON.stringify(copy)).to.equal('{"__proto__":{"x":1}}');
    expect(Object.getPrototypeOf(copy)).to.equal(Object.prototype);
  });
});
