/** Why `JSON.stringify` cannot write a value, and where in it. */
export interface JsonFault {
  readonly keys: readonly string[];
  readonly what: string;
}

/** Beyond this, `JSON.stringify` itself may run out of stack. */
const MAX_DEPTH = 1_000;

/** Goes the way of `JSON.stringify` through a value on which that failed, to the place where it did. */
export function jsonFault(value: object): JsonFault {
  return faultIn({ '': value }, '', [], []) ?? { keys: [], what: 'it is too large' };
}

function faultIn(
  holder: object,
  key: string,
  keys: readonly string[],
  ancestors: readonly unknown[],
): JsonFault | undefined {
  const read = valueOf(holder, key);
  if ('thrown' in read) return { keys, what: 'a getter or its toJSON throws' };
  const { value } = read;
  if (typeof value === 'bigint') return { keys, what: 'it is a BigInt; pass a number or a text' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (ancestors.includes(value)) return { keys, what: 'it holds itself' };
  if (keys.length > MAX_DEPTH) return { keys, what: 'it is nested too deep' };
  return faultBelow(value, keys, [...ancestors, value]);
}

function faultBelow(value: object, keys: readonly string[], ancestors: readonly unknown[]) {
  try {
    for (const key of Object.keys(value)) {
      const fault = faultIn(value, key, [...keys, key], ancestors);
      if (fault) return fault;
    }
    return undefined;
  } catch {
    return { keys, what: 'its keys cannot be read' };
  }
}

/** What JSON takes for the value: what its toJSON gives, where it has one. */
function valueOf(holder: object, key: string): { value: unknown } | { thrown: unknown } {
  try {
    const value: unknown = Reflect.get(holder, key);
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'bigint';
    const toJson: unknown = isObject ? (value as { toJSON?: unknown }).toJSON : undefined;
    return { value: typeof toJson === 'function' ? (Reflect.apply(toJson, value, [key]) as unknown) : value };
  } catch (thrown) {
    return { thrown };
  }
}
