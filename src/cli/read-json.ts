import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { messageOf } from '../errors/index.js';
import { UsageError } from './usage-error.js';

/**
 * Reads a file, or standard input for `-`, that holds one JSON object.
 * @throws UsageError which does not repeat what the file holds
 */
export async function readJsonObject<Value = unknown>(
  flag: string,
  file: string,
): Promise<Record<string, Value>> {
  const value = parse(await read(flag, file));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${flag}: ${file} does not hold a JSON object`);
  return value as Record<string, Value>;
}

async function read(flag: string, file: string): Promise<string> {
  try {
    return await (file === '-' ? text(process.stdin) : readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${flag}: ${messageOf(cause)}`, { cause });
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
