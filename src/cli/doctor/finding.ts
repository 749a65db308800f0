/** Something that is not as it should be, and what helps. */
export interface Finding {
  readonly message: string;
  readonly remedy: string;
}

/** What came of one check; undefined findings: it could not be made. */
export interface CheckResult {
  readonly check: string;
  readonly outcome: 'ok' | 'finding' | 'skipped';
  /** What was seen, or why nothing was looked at. */
  readonly detail: string;
  readonly findings: readonly Finding[];
}

export function ok(check: string, detail: string): CheckResult {
  return { check, outcome: 'ok', detail, findings: [] };
}

export function skipped(check: string, detail: string): CheckResult {
  return { check, outcome: 'skipped', detail, findings: [] };
}

/** Findings where there are any, else all is well. */
export function judged(check: string, detail: string, findings: readonly Finding[]): CheckResult {
  return findings.length === 0 ? ok(check, detail) : { check, outcome: 'finding', detail, findings };
}
