import { reading, setting, type Statements } from './sqlite-statements.js';

/** `pragma synchronous` at which each commit waits for the disk; 3 waits for the folder as well. */
const FULL = 2;

/**
 * The connection's `synchronous`, where its commits wait for the disk and need not: in WAL mode, where a file stays
 * sound without. undefined: they are to be as they are.
 */
export function* syncLevel(): Statements<number | undefined> {
  const [mode] = yield reading('pragma journal_mode');
  const [sync] = yield reading('pragma synchronous');
  const level = Number(sync?.['synchronous']);
  return mode?.['journal_mode'] === 'wal' && level >= FULL ? level : undefined;
}

/** The statements, of whose commit the disk need not hear before the next one. */
export function* unsynced<T>(statements: Statements<T>, level: number): Statements<T> {
  yield setting('pragma synchronous = normal');
  try {
    return yield* statements;
  } finally {
    yield setting(`pragma synchronous = ${level}`);
  }
}
