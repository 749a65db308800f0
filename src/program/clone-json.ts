/** A deep copy of a value that came from JSON; much quicker for these than `structuredClone`. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => cloneJson(item)) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item: unknown = cloneJson(value[key as keyof T]);
    // A key of this name is a field like any other; an assignment would set the prototype instead.
    if (key === '__proto__') Object.defineProperty(copy, key, { ...FIELD, value: item });
    else copy[key] = item;
  }
  return copy as T;
}

const FIELD = { writable: true, enumerable: true, configurable: true };
