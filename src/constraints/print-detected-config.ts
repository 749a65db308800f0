import type { DetectedConfig } from './detected-config.js';

/** Prints what `detectConstraints` found, for people. */
export function printDetectedConfig(config: DetectedConfig, url?: string | URL): void {
  process.stdout.write(`${describe(config, url)}\n`);
}

function describe({ concurrency, rateLimit, confidence, notes }: DetectedConfig, url?: string | URL): string {
  const { requests, windowMs } = rateLimit;
  return [
    url === undefined ? 'Recommended limits' : `Recommended limits for ${String(url)}`,
    `  at once     ${concurrency} (80 % of what was accepted)`,
    `  rate        ${requests} in ${windowMs / 1_000} s (90 % of what was accepted)`,
    `  confidence  ${confidence}`,
    `  as a pool   { maxParallelism: ${concurrency}, rateLimit: { requests: ${requests}, windowMs: ${windowMs} } }`,
    ...notes.map((note) => `  - ${note}`),
  ].join('\n');
}
