import { readProperty } from './job-errors.js';

/** An error as it is kept in the attempt's row: plain JSON, whatever was thrown. */
export interface ErrorRecord {
  name: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: ErrorRecord;
}

const MAX_CAUSES = 5;
/** Of a name or code. */
const MAX_WORD = 255;
const MAX_MESSAGE = 8_192;
const MAX_STACK = 16_384;

/** Turns anything thrown into a record with a readable message; never throws itself. */
export function toErrorRecord(thrown: unknown, depth = 0): ErrorRecord {
  const record: ErrorRecord = {
    name: cut(text(readProperty(thrown, 'name')) ?? typeName(thrown), MAX_WORD),
    message: cut(messageOf(thrown), MAX_MESSAGE),
  };
  const code = readProperty(thrown, 'code');
  if (typeof code === 'string') record.code = cut(code, MAX_WORD);
  if (typeof code === 'number' && Number.isFinite(code)) record.code = code;
  const stack = text(readProperty(thrown, 'stack'));
  if (stack) record.stack = cut(stack, MAX_STACK);
  const cause = readProperty(thrown, 'cause');
  if (cause !== undefined && cause !== null && depth < MAX_CAUSES)
    record.cause = toErrorRecord(cause, depth + 1);
  return record;
}

/** A readable, non-empty text for anything thrown. */
export function messageOf(thrown: unknown): string {
  const message = text(readProperty(thrown, 'message'));
  if (message) return message;
  if (thrown === undefined || thrown === null) return `The job threw ${String(thrown)}`;
  if (typeof thrown === 'object' || typeof thrown === 'function') return describeObject(thrown);
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- only primitives are left
  return String(thrown) || 'The job threw an empty string';
}

/** The thrown thing itself where it is an error with a message of at most `maxMessage` characters, else one about it. */
export function toError(thrown: unknown, maxMessage: number): Error {
  const message = messageOf(thrown);
  if (isError(thrown) && message.length <= maxMessage) return thrown;
  return new Error(cut(message, maxMessage), { cause: thrown });
}

function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error;
  } catch {
    return false;
  }
}

function describeObject(thrown: object): string {
  const name = text(readProperty(thrown, 'name'));
  try {
    return `The job threw ${name ?? 'an object'} without a message: ${JSON.stringify(thrown)}`;
  } catch {
    return `The job threw ${name ?? 'an object'} without a message`;
  }
}

function typeName(thrown: unknown): string {
  return thrown === null ? 'null' : typeof thrown;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** At most `max` characters, without cutting a surrogate pair or keeping what databases refuse in text. */
export function cut(value: string, max: number): string {
  return value.slice(0, max).toWellFormed().replaceAll('\u0000', '\uFFFD');
}
