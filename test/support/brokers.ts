import { randomBytes } from 'node:crypto';
import { URL_VARIABLES } from './servers/description.js';

/** The broker of this run; a missing one is an error, never a skip. */
export function amqpUrl(): string {
  const url = process.env[URL_VARIABLES.rabbitmq];
  if (!url) throw new Error(`${URL_VARIABLES.rabbitmq} is not set: run the tests with \`npm test\``);
  return url;
}

/** A queue name nobody else uses. */
export function uniqueQueue(): string {
  return `program-executor-test-${randomBytes(6).toString('hex')}`;
}
