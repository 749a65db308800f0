import { isDecodable } from './checks.js';

/** True for an `amqp(s)://` URL of which every part can be read. */
export function isAmqpUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !/^amqps?:\/\//.test(value) || !URL.canParse(value)) return false;
  const { username, password, pathname } = new URL(value);
  return [username, password, pathname].every(isDecodable);
}
