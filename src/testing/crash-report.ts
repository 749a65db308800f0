import { ProgramExecutorError } from '../errors/index.js';
import { describeBoundary, type Boundary } from './boundary.js';
import type { EffectCount } from './effects.js';

/** An effect that a crash made happen again. */
export interface RepeatedEffect extends EffectCount {
  /** How often it happens without a crash. */
  expected: number;
  crashedAt: Boundary;
}

/** A run that went wrong. */
export interface CrashFailure {
  /** undefined: it went wrong without a crash. */
  crashedAt: Boundary | undefined;
  message: string;
  /** What `check` threw. */
  cause?: unknown;
}

/** What a crash test found; `String(report)` is for people. */
export class CrashReport {
  /** Where the process was killed, once at each. */
  readonly boundaries: readonly Boundary[];
  /** What happens without a crash. */
  readonly effects: readonly EffectCount[];
  /** One for each effect and each boundary whose crash repeated it. */
  readonly repeated: readonly RepeatedEffect[];
  readonly failures: readonly CrashFailure[];

  constructor(found: Omit<CrashReport, 'toString'>) {
    this.boundaries = found.boundaries;
    this.effects = found.effects;
    this.repeated = found.repeated;
    this.failures = found.failures;
  }

  toString(): string {
    const { boundaries, failures } = this;
    const survey =
      boundaries.length === 0
        ? ['Killed nowhere.']
        : [`Killed once at each of ${boundaries.length} boundaries.`, ...repeatLines(this)];
    return [...survey, ...failureLines(failures)].join('\n');
  }
}

/** Runs of a crash test went wrong; the message says which and why. */
export class CrashTestError extends ProgramExecutorError {
  override readonly name = 'CrashTestError';

  constructor(readonly report: CrashReport) {
    super('PE_CRASH_TEST', `The crash test failed.\n${String(report)}`, { cause: report.failures[0]?.cause });
  }
}

function repeatLines({ effects, repeated }: CrashReport): string[] {
  if (effects.length === 0) return ['No effect was recorded: jobs tell of theirs with recordEffect.'];
  if (repeated.length === 0) return ['No effect was repeated.'];
  const byEffect = new Map<string, RepeatedEffect[]>();
  for (const repeat of repeated) {
    const title = `Job ${repeat.job} repeated "${repeat.effect}" when killed`;
    byEffect.set(title, [...(byEffect.get(title) ?? []), repeat]);
  }
  return [...byEffect].flatMap(([title, repeats]) => [
    `${title}:`,
    ...repeats.map(({ crashedAt, times }) => `  ${describeBoundary(crashedAt)}: ${times} times`),
  ]);
}

function failureLines(failures: readonly CrashFailure[]): string[] {
  return failures.map(({ crashedAt, message }) => {
    const where = crashedAt ? `killed ${describeBoundary(crashedAt)}` : 'without a crash';
    return `Failed ${where}: ${message}`;
  });
}
