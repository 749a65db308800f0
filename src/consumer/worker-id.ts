import { v4 as uuid } from 'uuid';

/** Pids come again, and containers share host names: only the UUID tells one worker from all others. */
export function newWorkerId(owner: string): string {
  return `${owner}:${uuid()}`;
}

const WORKER_ID = /^.+:\d+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** False for a part of one, such as a host name, which would fit other workers too. */
export function isWorkerId(value: unknown): value is string {
  return typeof value === 'string' && WORKER_ID.test(value);
}
