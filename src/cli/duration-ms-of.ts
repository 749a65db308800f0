import { InvalidArgumentError } from 'commander';

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The time that an option was given, as whole milliseconds: `30s`, `15m`, `12h`, `7d`. */
export function durationMsOf(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text.trim()) ?? [];
  const unitMs = UNITS_MS[unit];
  if (amount === undefined || unitMs === undefined)
    throw new InvalidArgumentError('Expected a time such as 30s, 15m, 12h or 7d.');
  return Math.round(Number(amount) * unitMs);
}
