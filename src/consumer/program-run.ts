import { LeaseLostError, NonRetryableError, WorkerStoppedError } from '../errors/index.js';
import { findJob, knownJobs, type Job } from '../jobs/index.js';
import { ProgramData } from '../job-data-handler/index.js';
import { atNextStep, goesOn, isGivenBack, noteOfGivenBack, poolToChangeTo } from '../program/continuation.js';
import { decide, type Decision } from '../program/decide.js';
import { isLostTooOften, isSuspect } from '../program/losses.js';
import { monotonicMs } from '../program/monotonic-clock.js';
import { outcomeOfThrown, type Outcome } from '../program/outcome.js';
import type { ClaimedProgram } from '../program/program.js';
import { toTransition, type Transition } from '../program/transition.js';
import { describeFault, type WriteResult } from '../program-handler/index.js';
import { attemptOf } from './attempt.js';
import { EarlierResults } from './earlier-results.js';
import type { RunEnvironment } from './environment.js';
import { isOverdue, type Lease, type Leases, type LossReason } from './leases/index.js';
import { jobEvent, jobOf, logFields, reportStep, type StepReport } from './reporting.js';
import { StepExecution, type StepEnd } from './step-execution.js';

/** What was to be recorded of a step, and what became of that. */
interface WrittenStep {
  readonly report: StepReport;
  readonly written: WriteResult;
}

/** One run of a claimed program: job after job, until it ends, waits, gives way or is lost. */
export class ProgramRun {
  readonly #environment: RunEnvironment;
  readonly #lease: Lease;
  readonly #data: ProgramData;
  readonly #startedAtMs = monotonicMs();
  readonly #results = new EarlierResults();
  #program: ClaimedProgram;
  #execution: StepExecution | undefined;
  /** It is another suspect's turn. */
  #isPostponed = false;
  /** What is being written ends this run. */
  #isEnding = false;
  /** Why the program belongs to this run no longer. */
  #lost: string | undefined;

  /** @param onRenewed the program runs for longer than a moment */
  constructor(program: ClaimedProgram, environment: RunEnvironment, leases: Leases, onRenewed: () => void) {
    this.#program = program;
    this.#environment = environment;
    this.#lease = leases.hold(program, { onRenewed, onLost: (reason) => void this.#onLeaseLost(reason) });
    const save = (jobData: string) => this.#saveJobData(jobData);
    this.#data = new ProgramData(program.jobData, save, environment.programs.payloadLimits);
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      this.#isPostponed = !(await this.#admit());
      if (!this.#isPostponed) await this.#loadResults();
      while (await this.#runStep());
    } catch (error) {
      this.#environment.logger.error('run-failed', { ...logFields(this.#program), ...describeFault(error) });
    } finally {
      this.#lease.release();
      this.#environment.suspects.leave(this);
      if (this.#lost === 'cancelled') this.#letGo();
    }
  }

  /** Aborts the running job because the worker stops. */
  stop(): void {
    this.#execution?.interrupt(new WorkerStoppedError());
  }

  /** Before anything else, so that suspects that were claimed together are told apart in time. */
  async #admit(): Promise<boolean> {
    const { suspects } = this.#environment;
    if (!isSuspect(this.#program.lostCount)) return true;
    if (!suspects.enter(this)) return false;
    await suspects.alone();
    return true;
  }

  async #loadResults(): Promise<void> {
    const { id, step } = this.#program;
    if (step === 0) return;
    const results = Object.entries(await this.#environment.programs.results(id, step));
    for (const result of results) this.#results.add(...result);
  }

  /** Resolves with whether there is a next step to run. */
  async #runStep(): Promise<boolean> {
    const end = await this.#environment.slots.use(() => this.#perform());
    this.#execution = undefined;
    if (end === 'abandoned') return false;
    const { report, written } = end.recorded ? this.#written(end, end.recorded) : await this.#write(end);
    if (written !== 'applied') return this.#lose(written);
    reportStep(report, this.#environment);
    return this.#goOn(report.outcome, report.decision);
  }

  #perform(): StepEnd | 'abandoned' | Promise<StepEnd | 'abandoned'> {
    if (this.#lost !== undefined) return 'abandoned';
    const { library, options, isStopping } = this.#environment;
    const { jobs, step, lostCount, fault } = this.#program;
    if (this.#isPostponed) return { outcome: { kind: 'suspect' }, durationMs: 0 };
    if (isStopping() || isOverdue(this.#lease.sinceMs(), options.leaseMs))
      return { outcome: { kind: 'notStarted' }, durationMs: 0 };
    if (fault !== undefined) return { outcome: { kind: 'unreadable', fault }, durationMs: 0 };
    const name = jobs[step];
    if (name === undefined) return { outcome: { kind: 'succeeded', result: null }, durationMs: 0 };
    if (isLostTooOften(lostCount))
      return { outcome: { kind: 'lostTooOften', losses: lostCount }, durationMs: 0 };
    if (this.#program.isExpired) return { outcome: { kind: 'expired' }, durationMs: 0 };
    const job = findJob(library, name);
    if (!job) return this.#unknownJob();
    const pool = poolToChangeTo(this.#program, job.pool);
    return pool === undefined ? this.#execute(job) : { outcome: { kind: 'wrongPool', pool }, durationMs: 0 };
  }

  async #unknownJob(): Promise<StepEnd> {
    const { programs, library } = this.#environment;
    const history = await programs.deferrals(this.#program.id, this.#program.step);
    return { outcome: { kind: 'unknownJob', knownJobs: knownJobs(library), ...history }, durationMs: 0 };
  }

  #execute(job: Job): Promise<StepEnd | 'abandoned'> {
    this.#execution = new StepExecution(job, {
      program: this.#program,
      results: this.#results.copier(),
      data: this.#data,
      environment: this.#environment,
      plan: (end) => {
        const report = this.#report(end, this.#decide(end.outcome));
        return { decision: report.decision, change: this.#change(report) };
      },
    });
    return this.#execution.run();
  }

  #decide(outcome: Outcome): Decision {
    const { options, library, isStopping } = this.#environment;
    const { ignorableErrors, unknownJob, unknownJobTimeoutMs, timeSliceMs } = options;
    const timeSliceUsed = isStopping() || monotonicMs() - this.#startedAtMs >= timeSliceMs;
    const ofProgram = this.#program.options?.retry;
    const retry = [ofProgram, findJob(library, jobOf(this.#program))?.retry, ...options.retry];
    const rules = { ignorableErrors, unknownJob, unknownJobTimeoutMs, retry, timeSliceUsed };
    return decide(this.#program, outcome, rules, Math.random());
  }

  #report({ outcome, durationMs }: StepEnd, decision: Decision): StepReport {
    return { program: this.#program, outcome, decision, durationMs };
  }

  #change(report: StepReport): Transition {
    const attempt = attemptOf(report, this.#environment.owner);
    return toTransition(this.#program, report.decision, attempt, this.#nextPool(report.decision));
  }

  /** Of the next job, before which the program is given back: it is not to wait for what this one needed. */
  #nextPool(decision: Decision): string | undefined {
    if (decision.kind !== 'advance' || !decision.release) return undefined;
    const next = this.#program.jobs[this.#program.step + 1] ?? '';
    return poolToChangeTo(this.#program, findJob(this.#environment.library, next)?.pool);
  }

  /** A step that its own transaction has recorded. */
  #written(end: StepEnd, decision: Decision): WrittenStep {
    return { report: this.#report(end, decision), written: 'applied' };
  }

  #write(end: StepEnd): Promise<WrittenStep> {
    const recorded = this.#record(end);
    return end.outcome.kind === 'suspect' ? this.#environment.suspects.giveBack(recorded) : recorded;
  }

  #record(end: StepEnd): Promise<WrittenStep> {
    const report = this.#report(end, this.#decide(end.outcome));
    this.#isEnding = !goesOn(report.decision);
    return this.#environment.programs.record(this.#change(report)).then(
      (written) => ({ report, written }),
      (error: unknown) => this.#recordRefusal(end, error),
    );
  }

  /** The database refuses this very row: the program fails, without what was refused. */
  async #recordRefusal({ durationMs }: StepEnd, error: unknown): Promise<WrittenStep> {
    const { programs, logger } = this.#environment;
    logger.error('outcome-refused', { ...logFields(this.#program), ...describeFault(error) });
    const message = `The database refused to store how job ${jobOf(this.#program)} ended`;
    const decision: Decision = { kind: 'fail', message };
    const written = await programs.record(toTransition(this.#program, decision, null));
    const outcome = outcomeOfThrown(new NonRetryableError(message));
    return { report: this.#report({ outcome, durationMs }, decision), written };
  }

  #goOn(outcome: Outcome, decision: Decision): boolean {
    const { ring, expectDue, slotLeft, letOthersFirst } = this.#environment;
    if (outcome.kind === 'succeeded' && outcome.result !== null)
      this.#results.add(jobOf(this.#program), JSON.parse(outcome.result) as unknown);
    if (decision.kind === 'defer') letOthersFirst();
    else if ('delayMs' in decision) expectDue(decision.delayMs);
    // Its slot may be what another program waits for.
    if (this.#program.line && !goesOn(decision)) slotLeft();
    if (isGivenBack(decision)) ring(this.#program.runId, noteOfGivenBack(this.#program, decision));
    if (!goesOn(decision)) return false;
    this.#program = atNextStep(this.#program);
    return true;
  }

  async #onLeaseLost(reason: LossReason): Promise<void> {
    const why = reason === 'refused' ? await this.#whyRefused() : reason;
    // A renewal is refused too when it meets the claim's own end; what becomes of that write tells which it was.
    if (this.#isEnding || this.#execution?.hasLeft) return;
    this.#lose(why);
    this.#execution?.interrupt(new LeaseLostError(this.#program.runId, why));
  }

  async #whyRefused(): Promise<string> {
    const standing = await this.#environment.programs.standing(this.#program).catch(() => 'lost' as const);
    // Cancelled by hand and un-cancelled since. Its lease is renewed no more, so it goes.
    return standing === 'held' ? 'lost' : standing;
  }

  /** The program was cancelled, deleted or taken over: nothing more is written. */
  #lose(why: string): false {
    if (this.#lost !== undefined) return false;
    this.#lost = why;
    const { counts, emit, logger } = this.#environment;
    if (why === 'cancelled') counts.cancelled();
    const action = why === 'cancelled' ? 'execution-cancelled' : 'lease-lost';
    logger.warn(action, { ...logFields(this.#program), reason: why });
    emit('leaseLost', () => ({ ...jobEvent(this.#program), reason: why }));
    return false;
  }

  /** Whoever resumes the program need not wait for the lease to end. */
  #letGo(): void {
    const { programs, logger } = this.#environment;
    programs
      .letGo(this.#program)
      .catch((error: unknown) => logger.warn('let-go-failed', describeFault(error)));
  }

  async #saveJobData(jobData: string): Promise<void> {
    const { id, fence, claimedBy, runId } = this.#program;
    const written = await this.#environment.programs.saveJobData({ id, fence, claimedBy, jobData });
    if (written === 'applied') return;
    const lost = new LeaseLostError(runId, written);
    this.#lose(written);
    this.#execution?.interrupt(lost);
    throw lost;
  }
}
