import { expect } from 'chai';
import fc from 'fast-check';
import { cut, toError, toErrorRecord } from '../../src/errors/index.js';

const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error('get');
    },
    getPrototypeOf: () => {
      throw new Error('getPrototypeOf');
    },
    ownKeys: () => {
      throw new Error('ownKeys');
    },
  },
);

describe('an error record', () => {
  it('has a readable message for anything thrown, and survives JSON', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (thrown) => {
        const record = toErrorRecord(thrown);
        expect(record.message).to.not.equal('');
        expect(JSON.parse(JSON.stringify(record))).to.deep.equal(record);
      }),
    );
  });

  it('reads a Proxy that throws at every touch', () => {
    expect(toErrorRecord(hostile).message).to.include('without a message');
    expect(toError(hostile, 255)).to.be.instanceOf(Error);
  });

  it('keeps name, code, stack and the chain of causes, cyclic or not', () => {
    const cause = Object.assign(new TypeError('deep'), { code: 'E_DEEP' });
    const error = new Error('top', { cause });
    Object.assign(cause, { cause: error });
    const record = toErrorRecord(error);
    expect(record).to.include({ name: 'Error', message: 'top' });
    expect(record.stack).to.include('error-record.test');
    expect(record.cause).to.include({ name: 'TypeError', code: 'E_DEEP' });
  });

  it('does not name a symbol badly', () => {
    expect(toErrorRecord(Symbol('s')).message).to.equal('Symbol(s)');
  });
});

describe('cut', () => {
  it('never leaves half a surrogate pair or a NUL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, max) => {
        const short = cut(text, max);
        return short.length <= max && short.isWellFormed() && !short.includes('\u0000');
      }),
    );
  });
});
