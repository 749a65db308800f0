import { defineJob, RateLimitedError, RetryableError } from '../../index.js';

/** What the job returns; it is kept with the program, once. */
export interface Summary {
  page: number;
  summary: string;
}

/** The job library. `url` is where the API answers. */
export function jobsFor(url: string) {
  const summarise = defineJob<'summarise', Summary, { page: number }>({
    name: 'summarise',
    pool: 'summaries',
    retry: { strategy: 'fixed', initialBackoffMs: 200 },
    async execute(_message, jobData, { signal }) {
      const { page } = await jobData.get();
      const response = await fetch(url, { method: 'POST', signal });
      if (response.status === 429) throw new RateLimitedError(waitOf(response));
      if (!response.ok) throw new RetryableError(`The API answered with ${response.status}`);
      const { requestId } = (await response.json()) as { requestId: string };
      return { page, summary: `what answer ${requestId} says` };
    },
  });
  return { summarise };
}

function waitOf(response: Response): number {
  return 1_000 * Number(response.headers.get('retry-after') ?? 1);
}
