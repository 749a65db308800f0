import { ConfigError } from '../errors/index.js';
import { DEFAULT_PORT } from './server-config.js';
import type { MockServiceConfig } from './service-config.js';

/**
 * Creates or replaces a service of a running mock server, also one of another process.
 * @param name any but '.' and '..', which a URL cannot say
 * @returns the server's answer: 201 when it is there, 400 when the config is wrong
 * @throws ConfigError
 */
export async function createMockService(
  name: string,
  config: MockServiceConfig,
  url = `http://localhost:${DEFAULT_PORT}`,
): Promise<Response> {
  if (name === '.' || name === '..') throw new ConfigError('name', `${name} cannot be part of a URL`);
  return fetch(new URL(`/service/${encodeURIComponent(name)}`, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(config),
  });
}
