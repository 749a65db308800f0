import { ConfigError } from '../../errors/index.js';
import { createErrorSimulation } from '../../mock-api/error-simulation.js';
import type { MockServerConfig, MockServerMode } from '../../mock-api/server-config.js';
import type { MockServiceConfig } from '../../mock-api/service-config.js';

interface ServerFlags {
  port?: number;
  host?: string;
  mode?: string;
}

interface ServiceFlags {
  maxConcurrency?: number;
  rateLimit?: number;
  windowMs?: number;
  delayMs?: number[];
  errorRate?: number;
  errorStatus?: number;
}

export type MockApiFlags = ServerFlags & ServiceFlags;

const SERVICE_FLAGS: Readonly<Record<keyof ServiceFlags, string>> = {
  maxConcurrency: '--max-concurrency',
  rateLimit: '--rate-limit',
  windowMs: '--window-ms',
  delayMs: '--delay-ms',
  errorRate: '--error-rate',
  errorStatus: '--error-status',
};

/**
 * What `program-executor mock-api` serves.
 * @throws ConfigError for a setting of the one service, where there is none
 */
export function mockServerOf(flags: MockApiFlags): MockServerConfig & { mode: MockServerMode } {
  const { port, host, mode = 'multi' } = flags;
  const server = { ...(port !== undefined && { port }), ...(host !== undefined && { host }) };
  if (mode === 'single') return { ...server, mode, defaultService: serviceOf(flags) };
  for (const [key, flag] of Object.entries(SERVICE_FLAGS))
    if (key in flags)
      throw new ConfigError(flag, 'only with --mode single; in mode multi, POST /service/<name>');
  // What is no mode is refused where the server starts.
  return { ...server, mode: mode as MockServerMode };
}

function serviceOf(flags: ServiceFlags): MockServiceConfig {
  const { maxConcurrency = 10, rateLimit = 100, windowMs = 1_000, errorRate = 0, errorStatus } = flags;
  return {
    maxConcurrency,
    rateLimit: { limit: rateLimit, windowMs },
    // What is no range is refused where the server starts.
    ...(flags.delayMs && { delayMs: flags.delayMs as [number, number] }),
    errorSimulation: createErrorSimulation(errorRate, errorStatus),
  };
}
