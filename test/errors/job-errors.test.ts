import { expect } from 'chai';
import { IgnorableError, RetryableError } from '../../index.js';

describe('an error that is decorated', () => {
  const kinds = [
    { kind: RetryableError, isMarked: (error: unknown) => RetryableError.isRetryable(error) },
    { kind: IgnorableError, isMarked: (error: unknown) => IgnorableError.isIgnorable(error) },
  ];
  for (const { kind, isMarked } of kinds) {
    it(`as ${kind.name} is the same one, with the mark`, () => {
      const error = new Error('busy');
      expect(kind.decorate(error)).to.equal(error);
      expect(isMarked(error)).to.equal(true);
    });

    it(`as ${kind.name} and has the mark is the same one, also when it is frozen`, () => {
      const error = Object.freeze(new kind('busy'));
      expect(kind.decorate(error)).to.equal(error);
    });

    it(`as ${kind.name} and is frozen is the cause of one that says the same`, () => {
      const error = Object.freeze(Object.assign(new Error('busy'), { code: 503 }));
      const decorated: Error = kind.decorate(error);
      expect(isMarked(decorated)).to.equal(true);
      expect(decorated).to.be.instanceOf(kind).and.include({ message: 'busy', code: 503, cause: error });
    });
  }

  it('and is no object, as somebody threw a text, is the cause of one that says it', () => {
    const decorated: Error = RetryableError.decorate('busy' as never);
    expect(RetryableError.isRetryable(decorated)).to.equal(true);
    expect(decorated).to.include({ message: 'busy', cause: 'busy' });
  });

  it('as RetryableError and is frozen keeps its time to wait', () => {
    const error = Object.freeze(Object.assign(new Error('busy'), { retryAfterMs: 250 }));
    expect(RetryableError.decorate(error).retryAfterMs).to.equal(250);
  });
});
