import { runInNewContext } from 'node:vm';

interface Oddity {
  make(): unknown;
  /** What the program's error message is to be. */
  readonly message: string | RegExp;
}

const WITHOUT_MESSAGE = /^The job threw .+ without a message/;
const trap = (): never => {
  throw new Error('trap');
};

/** What a job should never throw, and what becomes of it; by what it is. */
export const ODD_THINGS = {
  undefined: { make: () => undefined, message: 'The job threw undefined' },
  null: { make: () => null, message: 'The job threw null' },
  zero: { make: () => 0, message: '0' },
  NaN: { make: () => NaN, message: 'NaN' },
  'a BigInt': { make: () => 7n, message: '7' },
  false: { make: () => false, message: 'false' },
  'a symbol': { make: () => Symbol('odd'), message: 'Symbol(odd)' },
  'a string': { make: () => 'plain text', message: 'plain text' },
  'an empty string': { make: () => '', message: 'The job threw an empty string' },
  'a function': { make: () => trap, message: WITHOUT_MESSAGE },
  'an array': { make: () => [1, 2], message: WITHOUT_MESSAGE },
  'a Date': { make: () => new Date(0), message: /1970-01-01/ },
  'an invalid Date': { make: () => new Date(NaN), message: WITHOUT_MESSAGE },
  'a rejected promise': { make: rejected, message: WITHOUT_MESSAGE },
  'an object without prototype': {
    make: () => Object.assign(Object.create(null), { a: 1 }) as unknown,
    message: WITHOUT_MESSAGE,
  },
  'an object whose toString and toJSON throw': {
    make: () => ({ toString: trap, toJSON: trap }),
    message: WITHOUT_MESSAGE,
  },
  'a cyclic object': { make: cyclic, message: WITHOUT_MESSAGE },
  'a Proxy that throws at every touch': {
    make: () => new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap }),
    message: WITHOUT_MESSAGE,
  },
  'a revoked Proxy': { make: revoked, message: WITHOUT_MESSAGE },
  'an object whose getters throw': {
    make: () => Object.defineProperties({}, { message: { get: trap }, name: { get: trap } }),
    message: WITHOUT_MESSAGE,
  },
  'an error whose stack throws': {
    make: () => Object.defineProperty(new Error('told'), 'stack', { get: trap }),
    message: 'told',
  },
  'a frozen error': { make: () => Object.freeze(new Error('frozen')), message: 'frozen' },
  'an error without a message': { make: () => new Error(), message: WITHOUT_MESSAGE },
  'an error whose message is no text': {
    make: () => Object.assign(new Error(), { message: 42 }),
    message: WITHOUT_MESSAGE,
  },
  'an error with a message of 10 MB': {
    make: () => new Error('x'.repeat(10_000_000)),
    message: 'x'.repeat(255),
  },
  'a string of 10 MB': { make: () => 'x'.repeat(10_000_000), message: 'x'.repeat(255) },
  'an error with NUL in its message': { make: () => new Error('a\u0000b'), message: 'a\uFFFDb' },
  'an error with half a surrogate pair': { make: () => new Error('a\ud800b'), message: 'a\uFFFDb' },
  'an error of another realm': {
    make: () => runInNewContext('new TypeError("elsewhere")') as unknown,
    message: 'elsewhere',
  },
  'an instance of a class whose prototype is gone': { make: orphan, message: 'orphaned' },
  'an AggregateError': {
    make: () => new AggregateError([new Error('one'), new Error('two')], 'both'),
    message: 'both',
  },
  'an AggregateError without a message': {
    make: () => new AggregateError([new Error('one'), new Error('two')]),
    message: WITHOUT_MESSAGE,
  },
  'an error that is its own cause': { make: ownCause, message: 'round' },
  'an error with 10,000 causes': { make: manyCauses, message: 'cause 9999' },
} satisfies Record<string, Oddity>;

export type OddThing = keyof typeof ODD_THINGS;

/** Handled, so that the program fails by what is thrown, not by a stray rejection. */
function rejected(): unknown {
  const promise = Promise.reject(new Error('inside'));
  promise.catch(() => undefined);
  return promise;
}

function cyclic(): unknown {
  const ring: Record<string, unknown> = {};
  ring['self'] = ring;
  return ring;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function orphan(): unknown {
  return Object.setPrototypeOf(new Error('orphaned'), null);
}

function ownCause(): unknown {
  const error = new Error('round');
  error.cause = error;
  return error;
}

function manyCauses(): unknown {
  let error = new Error('cause 0');
  for (let depth = 1; depth < 10_000; depth += 1) error = new Error(`cause ${depth}`, { cause: error });
  return error;
}
