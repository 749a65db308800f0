import { InvalidArgumentError } from 'commander';

/** The number that an option was given. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** Reads a number from `min` to `max`. */
export function numberIn(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (value < min || value > max)
      throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`);
    return value;
  };
}

/** Reads a whole number from `min` to `max`. */
export function wholeNumberIn(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = numberIn(min, max)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('Expected a whole number.');
    return value;
  };
}
