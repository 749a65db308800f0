import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { defineJob } from '../../index.js';

/** Counts the words of a text file. The count is the job's result, for the jobs that follow. */
export default defineJob({
  name: 'count_words',
  input: z.object({ file: z.string() }),
  timeoutMs: 60_000,
  async execute(_message, _jobData, { input, signal }) {
    const text = await readFile(input.file, { encoding: 'utf8', signal });
    return { words: text.split(/\s+/).filter(Boolean).length };
  },
});
