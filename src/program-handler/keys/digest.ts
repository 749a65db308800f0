import { createHash } from 'node:crypto';

/** The same for the same content, whatever the order of its keys: SHA-256 in hex. */
export function digestOf(jsons: readonly string[]): string {
  const hash = createHash('sha256');
  for (const json of jsons) hash.update(JSON.stringify(sorted(JSON.parse(json)))).update('\n');
  return hash.digest('hex');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // As a list, in which a key named __proto__ is one like the others.
  return { fields: entries.map(([key, item]) => [key, sorted(item)]) };
}
