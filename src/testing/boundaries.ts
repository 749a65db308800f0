import { plain } from '../decorators.js';
import type { ClaimedRow, Dialect } from '../program-handler/index.js';
import { noting, withCommitPoints } from '../transaction-points.js';
import type { Boundary } from './boundary.js';
import { writeEntry } from './journal.js';

type JobStart = Pick<Boundary, 'job' | 'step' | 'attempt'>;

/**
 * Counts the boundaries that a program comes by, and dies at one of them. Before a claim there is none: a
 * process that dies there has done nothing since the boundary before it.
 */
export class Boundaries {
  readonly #journal: string;
  readonly #crashAt: number | undefined;
  #count = 0;
  #job: JobStart = { job: '', step: 0, attempt: 1 };
  /** The job's own transaction holds its end, and is about to be committed. */
  #isCommitting = false;
  #isArmed = false;

  /** @param crashAt the number of the boundary to die at; undefined: none */
  constructor(journal: string, crashAt: number | undefined) {
    this.#journal = journal;
    this.#crashAt = crashAt;
  }

  /** From now on boundaries count: what creates the program itself is no part of it. */
  arm(): void {
    this.#isArmed = true;
  }

  onJobStarted({ job, step, attempt }: JobStart): void {
    this.#job = { job, step, attempt };
    writeEntry(this.#journal, { kind: 'job', job, step, attempt });
  }

  onJobFinished(): void {
    if (this.#isCommitting) this.#reach('after', 'step');
    this.#isCommitting = false;
  }

  /** The same dialect, which comes by here. */
  around(dialect: Dialect): Dialect {
    return {
      ...plain(dialect),
      insert: (programs, db) =>
        db.isTransaction
          ? dialect.insert(programs, db)
          : this.#write('created program', () => dialect.insert(programs, db)),
      claimRung: (runIds, terms) => this.#claim(() => dialect.claimRung(runIds, terms)),
      claimDue: (search, terms) => this.#claim(() => dialect.claimDue(search, terms)),
      transition: (changes, db) =>
        db.isTransaction
          ? this.#recordInTransaction(() => dialect.transition(changes, db))
          : this.#record(() => dialect.transition(changes, db)),
      inTransaction: withCommitPoints(dialect, {
        before: (stage) => stage === 'record' && this.#reach('before', 'step'),
        after: (stage, claimed) => (stage === 'record' ? this.#onRecorded() : this.#onClaimed(claimed)),
      }),
      within: (trx) => noting(dialect.within(trx), () => this.#onRecordingWithin()),
      saveJobData: (writes) => this.#write('job data', () => dialect.saveJobData(writes)),
    };
  }

  async #claim(claim: () => ReturnType<Dialect['claimDue']>): ReturnType<Dialect['claimDue']> {
    const rows = await claim();
    this.#onClaimed(rows);
    return rows;
  }

  #onClaimed(rows: readonly ClaimedRow[]): void {
    for (const { id, fence, claimedBy, jobs, step, stepRetryCount } of rows) {
      writeEntry(this.#journal, { kind: 'claim', id, fence, claimedBy });
      this.#job = { job: jobs[step] ?? '', step, attempt: stepRetryCount + 1 };
      this.#reach('after', 'claim');
    }
  }

  #onRecorded(): void {
    this.#isCommitting = false;
    this.#reach('after', 'step');
  }

  async #write<T>(write: Boundary['write'], work: () => Promise<T>): Promise<T> {
    this.#reach('before', write);
    const result = await work();
    this.#reach('after', write);
    return result;
  }

  #record<T>(work: () => Promise<T>): Promise<T> {
    this.#isCommitting = false;
    return this.#write('step', work);
  }

  /** Nothing is committed when this write is done: that is heard of when the job has finished. */
  #recordInTransaction<T>(work: () => Promise<T>): Promise<T> {
    this.#onRecordingWithin();
    return work();
  }

  #onRecordingWithin(): void {
    this.#reach('before', 'step');
    this.#isCommitting = true;
  }

  #reach(when: Boundary['when'], write: Boundary['write']): void {
    if (!this.#isArmed) return;
    this.#count += 1;
    const boundary = { number: this.#count, when, write, ...this.#job };
    writeEntry(this.#journal, { kind: 'boundary', boundary });
    if (this.#count === this.#crashAt) process.kill(process.pid, 'SIGKILL');
  }
}
