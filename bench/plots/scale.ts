/** From a domain of values to pixels. */
export type Scale = (value: number) => number;

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain;
  const [from, to] = range;
  return (value) => from + ((value - low) / (high - low || 1)) * (to - from);
}

/** For values above 0. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const linear = linearScale([Math.log10(domain[0]), Math.log10(domain[1])], range);
  return (value) => linear(Math.log10(value));
}

/** Round values from 0 to at least `most`: 1, 2 or 5 times a power of ten apart, at most `count` steps. */
export function roundTicks(most: number, count = 5): number[] {
  if (!(most > 0)) return [0];
  const step = roundUp(most / count);
  const steps = Math.ceil(most / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, index) => index * step);
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}
