import { expect } from 'chai';
import { validate, version } from 'uuid';
import { newRunId } from '../../src/program-handler/new-run-id.js';

describe('the id of a new program', () => {
  const ids = Array.from({ length: 10_000 }, newRunId);

  it('is a UUID v7', () => {
    expect(ids.filter((id) => validate(id) && version(id) === 7)).to.have.lengthOf(ids.length);
  });

  it('is no other program’s, and greater than those before it, so that an index grows at its end', () => {
    expect(ids).to.deep.equal([...new Set(ids)].sort());
  });

  it('holds the moment at which it was made', () => {
    const before = Date.now();
    const made = parseInt(newRunId().replaceAll('-', '').slice(0, 12), 16);
    expect(made).to.be.within(before, Date.now());
  });
});
