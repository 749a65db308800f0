import { expect } from 'chai';

/** Throws whatever it is given, as an expression. */
export function thrower(thrown: unknown): never {
  throw thrown;
}

/** Objects within each other. */
export function nested(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 1; level < levels; level += 1) value = { a: value };
  return value;
}

/** Fails at every touch. */
export const untouchable: object = new Proxy(
  {},
  Object.fromEntries(
    ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf'].map((trap) => [
      trap,
      () => thrower(new Error(`touched: ${trap}`)),
    ]),
  ),
);

/** One value of every wrong kind, by its name. */
export const KINDS: readonly [kind: string, value: unknown][] = [
  ['null', null],
  ['true', true],
  ['zero', 0],
  ['a negative number', -1],
  ['a fraction', 1.5],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['a BigInt', 1n],
  ['an empty text', ''],
  ['a text', 'text'],
  ['a text with NUL', 'a\u0000b'],
  ['half a surrogate pair', '\ud800'],
  ['a symbol', Symbol('s')],
  ['a function', () => undefined],
  ['an array', []],
  ['an array of objects', [{}]],
  ['an empty object', {}],
  ['an object without a prototype', Object.create(null)],
  ['a Date', new Date(0)],
  ['an invalid Date', new Date(NaN)],
  ['a Map', new Map()],
  ['a RegExp', /x/],
  ['a Promise', Promise.resolve()],
];

/** The kinds that are plain enough to pass for an object without settings. */
export const OBJECTS = [
  'an empty object',
  'an object without a prototype',
  'a Date',
  'an invalid Date',
  'a Map',
  'a RegExp',
  'a Promise',
];

/** Fails when something in this process has put a property where every object has it. */
export function expectUntouchedPrototypes(): void {
  expect(Object.keys(Object.prototype)).to.deep.equal([]);
  expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
  expect(([] as { polluted?: unknown }).polluted).to.equal(undefined);
}
