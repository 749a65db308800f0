import { join } from 'node:path';
import { expect } from 'chai';
import { recordEffect } from '../../testing.js';
import { effectsIn } from '../../src/testing/effects.js';
import { JOURNAL_VARIABLE, readJournal, writeEntry } from '../../src/testing/journal.js';
import { errorOf } from '../jobs/rejection.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';

describe('recordEffect', () => {
  let journal: string;

  beforeEach(async () => {
    journal = join(await tempFolder(), 'journal');
  });

  afterEach(async () => {
    Reflect.deleteProperty(process.env, JOURNAL_VARIABLE);
    await removeTempFolders();
  });

  it('does nothing outside of a crash test, whatever it is given', () => {
    recordEffect('charge');
    recordEffect(undefined as unknown as string);
    expect(readJournal(journal)).to.deep.equal([]);
  });

  it('has written down the effect of the job that runs when it returns', () => {
    process.env[JOURNAL_VARIABLE] = journal;
    writeEntry(journal, { kind: 'job', job: 'first', step: 0, attempt: 1 });
    recordEffect('charge 7f00');
    writeEntry(journal, { kind: 'job', job: 'second', step: 1, attempt: 2 });
    recordEffect('mail\n');
    expect(effectsIn(readJournal(journal), '7f00')).to.deep.equal([
      { effect: 'charge runId', job: 'first', step: 0, attempt: 1 },
      { effect: 'mail\n', job: 'second', step: 1, attempt: 2 },
    ]);
  });

  it('refuses a name that is no text', async () => {
    process.env[JOURNAL_VARIABLE] = journal;
    const error = await errorOf(() => recordEffect(5 as unknown as string));
    expect(error.message).to.match(/recordEffect: expected the name of the effect/);
  });
});
