import { expect } from 'chai';
import { z } from 'zod';
import { hasMarker } from '../../src/errors/index.js';
import { defineJob, validateInput } from '../../src/jobs/index.js';
import { errorOf } from './rejection.js';

const execute = (): void => undefined;
const input = z.object({
  url: z.string(),
  size: z.object({ width: z.number() }),
  tries: z.number().default(3),
});
const job = defineJob({ name: 'fetch', input, execute });

describe('the input of a job', () => {
  it('is its data where there is no schema', async () => {
    const data = { anything: true };
    expect(await validateInput(defineJob({ name: 'free', execute }), data)).to.equal(data);
  });

  it('is the data of a class job as it is, whatever static input it has', async () => {
    class Old {
      static input = 'its own affair';
      static create(): Old {
        return new Old();
      }
      execute(): void {}
    }
    expect(await validateInput(Old, { a: 1 })).to.deep.equal({ a: 1 });
  });

  it('is what the schema makes of the data', async () => {
    const data = { url: 'x', size: { width: 2 } };
    expect(await validateInput(job, data)).to.deep.equal({ ...data, tries: 3 });
  });

  it('may be validated asynchronously', async () => {
    const slow = defineJob({
      name: 'slow',
      input: z.object({ id: z.string().refine(async (id) => id !== 'no') }),
      execute,
    });
    expect(await validateInput(slow, { id: 'yes' })).to.deep.equal({ id: 'yes' });
    expect((await errorOf(() => validateInput(slow, { id: 'no' }))).code).to.equal('PE_INVALID_JOB_INPUT');
  });

  it('that does not fit is an error with the paths, which no retry repeats', async () => {
    const error = await errorOf(() => validateInput(job, { size: { width: 'wide' } }));
    expect(error.code).to.equal('PE_INVALID_JOB_INPUT');
    expect(error.message).to.match(/^Job fetch: .*url: .*; size\.width: /);
    expect(hasMarker(error, 'nonRetryable')).to.equal(true);
  });

  it('lists five faults and counts the rest', async () => {
    const list = defineJob({ name: 'list', input: z.object({ ids: z.array(z.number()) }), execute });
    const error = await errorOf(() => validateInput(list, { ids: Array(8).fill('x') }));
    expect(error.message).to.include('ids.4: ').and.not.include('ids.5: ');
    expect(error.message).to.match(/; 3 more$/);
  });
});
