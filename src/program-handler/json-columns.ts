import { messageOf } from '../errors/index.js';
import type { Row } from './rows.js';

/** What a column's JSON is to be. */
interface Shape {
  readonly name: string;
  fits(value: unknown): boolean;
}

const TEXTS: Shape = {
  name: 'a list of texts',
  fits: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};
/** Or nothing, which stands for an empty one. */
const OBJECT: Shape = {
  name: 'an object',
  fits: (value) => typeof value === 'object' && !Array.isArray(value),
};

/** JSON columns hold objects and arrays only, so text is always JSON that the driver left unparsed. */
export function parseJson(value: unknown, empty: unknown): unknown {
  if (value === null || value === undefined) return empty;
  return typeof value === 'string' ? JSON.parse(value) : value;
}

/**
 * Reads columns that people may have written by hand: what cannot be read counts as empty, and is told of. So one
 * such row keeps no other one from being claimed with it.
 */
export class JsonColumns {
  readonly #row: Row;
  #faults: string[] | undefined;

  constructor(row: Row) {
    this.#row = row;
  }

  /** Which columns could not be read, and why; undefined: all could. */
  get fault(): string | undefined {
    return this.#faults?.join('; ');
  }

  texts(column: string): string[] {
    return (this.#read(column, TEXTS) ?? []) as string[];
  }

  object(column: string): object {
    return this.#read(column, OBJECT) ?? {};
  }

  /** null: there is nothing of this shape. */
  #read(column: string, shape: Shape): unknown {
    try {
      const value = parseJson(this.#row[column], null);
      if (shape.fits(value)) return value;
      this.#note(`${column} is not ${shape.name}`);
    } catch (error) {
      this.#note(`${column} is not JSON: ${messageOf(error)}`);
    }
    return null;
  }

  #note(fault: string): void {
    (this.#faults ??= []).push(fault);
  }
}
