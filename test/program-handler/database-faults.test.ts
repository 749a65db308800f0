import { expect } from 'chai';
import { ClosedError } from '../../index.js';
import { faultKind } from '../../src/program-handler/database-faults.js';

describe('what a database error means', () => {
  it('is that nothing will ever be written, once the pool is closed or destroyed', () => {
    expect(faultKind(new ClosedError('query'))).to.equal('destroyed');
    expect(faultKind(new Error('Unable to acquire a connection'))).to.equal('destroyed');
  });

  it('is that it may pass, where a transaction of PostgreSQL was refused before', () => {
    const error = Object.assign(new Error('current transaction is aborted'), { code: '25P02' });
    expect(faultKind(error)).to.equal('transient');
  });

  it('is that it may pass, where nobody was let in within the caller’s own time', () => {
    const messages = ['timeout expired', 'timeout exceeded when trying to connect'];
    expect(messages.map((message) => faultKind(new Error(message)))).to.deep.equal([
      'transient',
      'transient',
    ]);
  });
});
