import { cut, InvalidProgramError, PayloadTooLargeError } from '../errors/index.js';
import { jsonFault } from './json-fault.js';

/** How much a payload may be. */
export interface PayloadLimits {
  /** Of its JSON. */
  readonly maxBytes: number;
  /** Objects and arrays within each other, the payload itself included. */
  readonly maxDepth: number;
}

/** A name or path in an error's message has at most so many characters: they are as long as somebody makes them. */
const MAX_PATH = 200;

/**
 * The JSON text of a payload object.
 * @param field how the caller names it, for the error's message
 * @throws InvalidProgramError when it is no object, no JSON, nested too deep, or holds text that databases refuse
 * @throws PayloadTooLargeError
 */
export function payloadJson(field: string, value: unknown, { maxBytes, maxDepth }: PayloadLimits): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new InvalidProgramError(field, `expected an object, got ${nameOf(value)}`);
  const json = stringify(field, value);
  if (json[0] !== '{')
    throw new InvalidProgramError(field, 'expected an object, its toJSON gives something else');
  // A byte is at least one UTF-16 unit of JSON, so most payloads need no exact count.
  if (json.length * 3 > maxBytes && Buffer.byteLength(json) > maxBytes)
    throw new PayloadTooLargeError(field, Buffer.byteLength(json), maxBytes);
  if (mayHoldBadText(json) || isDeeperThan(json, maxDepth))
    refuseBadValues(field, JSON.parse(json), maxDepth);
  return json;
}

function stringify(field: string, value: object): string {
  try {
    const json: unknown = JSON.stringify(value);
    // Nothing, whatever its type says, when `toJSON` gives nothing.
    return typeof json === 'string' ? json : '';
  } catch (cause) {
    const fault = jsonFault(value);
    throw new InvalidProgramError(
      pathOf(field, fault.keys),
      `cannot be written as JSON: ${fault.what}`,
      // What a getter or toJSON of the caller threw is the caller's own affair, also its text.
      { cause },
    );
  }
}

const mayHoldBadText = (json: string): boolean => /\\u(0000|d[89a-f])/.test(json);

/** Reads the text, as recursion might not come back from where a value leads. */
function isDeeperThan(json: string, maxDepth: number): boolean {
  if (json.length < 2 * maxDepth) return false;
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') isInText = !isInText;
    else if (isInText) at += character === '\\' ? 1 : 0;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}

/** PostgreSQL's jsonb refuses NUL and lone surrogates; what one database refuses, we refuse for all. */
function refuseBadValues(field: string, payload: unknown, maxDepth: number): void {
  const visit = (keys: readonly string[], value: unknown): void => {
    if (typeof value === 'string') return refuseBadText(pathOf(field, keys), value);
    if (value === null || typeof value !== 'object') return;
    if (keys.length === maxDepth)
      throw new InvalidProgramError(
        pathOf(field, keys),
        `is nested more than ${maxDepth} levels deep; flatten it, or pass it as a text`,
      );
    for (const [key, item] of Object.entries(value)) {
      refuseBadText(`${pathOf(field, keys)} (a key)`, key);
      visit([...keys, key], item);
    }
  };
  visit([], payload);
}

function refuseBadText(path: string, text: string): void {
  if (text.includes('\u0000') || !text.isWellFormed())
    throw new InvalidProgramError(
      path,
      'holds a NUL character or half a surrogate pair; remove or encode it',
    );
}

/** How an error's message names a place in a payload. */
export function pathOf(field: string, keys: readonly string[]): string {
  return shortened([field, ...keys].join('.'));
}

/** A name as somebody gave it, for an error's message. */
export function shortened(name: string): string {
  return name.length > MAX_PATH ? `${cut(name, MAX_PATH)}…` : cut(name, MAX_PATH);
}

export function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}
