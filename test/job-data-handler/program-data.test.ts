import { expect } from 'chai';
import { ProgramData } from '../../src/job-data-handler/index.js';

function savedData(save: (json: string) => Promise<void>) {
  return new ProgramData({ a: { x: 1 }, b: { y: 1 } }, save, { maxBytes: 1_024, maxDepth: 28 });
}

describe('the data of a program', () => {
  it('hands out copies', () => {
    const data = savedData(() => Promise.resolve());
    data.get('a')['x'] = 2;
    expect(data.get('a')).to.deep.equal({ x: 1 });
    expect(data.get('constructor')).to.deep.equal({});
  });

  it('keeps all parallel merges, sharing writes, the last of which holds everything', async () => {
    const writes: string[] = [];
    const data = savedData(async (json) => {
      await Promise.resolve();
      writes.push(json);
    });
    await Promise.all(Array.from({ length: 50 }, (_, n) => data.merge('a', { [`k${n}`]: n })));
    expect(writes).to.have.length(2);
    expect(Object.keys((JSON.parse(writes.at(-1)!) as { a: object }).a)).to.have.length(51);
  });

  it('refuses bad data before anything is changed', async () => {
    const data = savedData(() => Promise.reject(new Error('must not be called')));
    const error: unknown = await data.replace('a', { s: '\u0000' }).catch((error: unknown) => error);
    expect(String(error)).to.include('jobData.a.s');
    expect(data.get('a')).to.deep.equal({ x: 1 });
  });

  it('takes back what could not be written', async () => {
    const data = savedData(() => Promise.reject(new Error('away')));
    await data.replace('c', { z: 1 }).catch(() => undefined);
    expect(data.get('c')).to.deep.equal({});
  });

  it('has settled when no write is under way', async () => {
    let isWritten = false;
    const data = savedData(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      isWritten = true;
    });
    void data.merge('a', { z: 1 });
    await data.settled();
    expect(isWritten).to.equal(true);
  });
});
