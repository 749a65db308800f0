/** To be loaded before anything else: `Date` is wrong by as much as the environment says, in every thread. */
import { SHIFT_VARIABLE } from './clocks.js';

const shiftMs = Number(process.env[SHIFT_VARIABLE] ?? 0);
const now = Date.now.bind(Date);
const shiftedNow = (): number => now() + shiftMs;

globalThis.Date = new Proxy(Date, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [shiftedNow()] : args, newTarget) as object,
  apply: () => new Date().toString(),
  get: (target, key, receiver) =>
    key === 'now' ? shiftedNow : (Reflect.get(target, key, receiver) as unknown),
});
