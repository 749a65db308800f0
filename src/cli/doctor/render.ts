import type { Colours } from '../render/colours.js';
import type { CheckResult } from './finding.js';

const MARKS = { ok: 'ok', finding: '!!', skipped: '--' } as const;

/** A line for each check, and two for each finding. */
export function renderChecks(results: readonly CheckResult[], colours: Colours): string {
  const width = Math.max(...results.map(({ check }) => check.length));
  return results
    .flatMap(({ check, outcome, detail, findings }) => [
      `${mark(outcome, colours)}  ${check.padEnd(width)}  ${detail}`,
      ...findings.flatMap(({ message, remedy }) => [`      ${message}`, `      → ${remedy}`]),
    ])
    .join('\n');
}

function mark(outcome: CheckResult['outcome'], colours: Colours): string {
  const colour = { ok: colours.green, finding: colours.red, skipped: colours.dim }[outcome];
  return colour(MARKS[outcome]);
}
