import { InvalidProgramError, PayloadTooLargeError } from '../errors/index.js';

/**
 * The JSON text of a payload object.
 * @param field how the caller names it, for the error's message
 * @throws InvalidProgramError when it is no object, no JSON, or holds text that databases refuse
 * @throws PayloadTooLargeError
 */
export function payloadJson(field: string, value: unknown, maxBytes: number): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new InvalidProgramError(field, `expected an object, got ${nameOf(value)}`);
  const json = stringify(field, value);
  if (json[0] !== '{')
    throw new InvalidProgramError(field, 'expected an object, its toJSON gives something else');
  // A byte is at least one UTF-16 unit of JSON, so most payloads need no exact count.
  if (json.length * 3 > maxBytes && Buffer.byteLength(json) > maxBytes)
    throw new PayloadTooLargeError(field, Buffer.byteLength(json), maxBytes);
  if (/\\u(0000|d[89a-f])/.test(json)) refuseBadText(field, JSON.parse(json));
  return json;
}

function stringify(field: string, value: object): string {
  try {
    const json: unknown = JSON.stringify(value);
    // Nothing, whatever its type says, when `toJSON` gives nothing.
    return typeof json === 'string' ? json : '';
  } catch (error) {
    throw new InvalidProgramError(
      field,
      `cannot be written as JSON: ${(error as Error).message.split('\n')[0]}`,
    );
  }
}

/** PostgreSQL's jsonb refuses NUL and lone surrogates; what one database refuses, we refuse for all. */
function refuseBadText(path: string, value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000') || !value.isWellFormed())
      throw new InvalidProgramError(
        path,
        'holds a NUL character or half a surrogate pair; remove or encode it',
      );
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      refuseBadText(`${path} (a key)`, key);
      refuseBadText(`${path}.${key}`, item);
    }
  }
}

export function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}
