import type { Knex } from 'knex';
import type { ProgramExecutor, ProgramInput } from '../../index.js';
import { eventually } from '../support/eventually.js';
import type { Random } from './random.js';
import { drawSteps, jobAt, type Step } from './steps.js';

/** No disaster keeps anybody from creating programs for longer. */
const CREATE_DEADLINE_MS = 60_000;

/** A program that may be created. */
export interface Draft {
  readonly runId: string;
  readonly steps: readonly Step[];
}

/** The programs of a chaos run: what each consists of, and what people have tried to do to some of them. */
export class Programs {
  /** Those that were committed, with their steps. */
  readonly byRunId = new Map<string, readonly Step[]>();
  readonly cancelled = new Set<string>();
  readonly deleted = new Set<string>();
  /** Those of which the database was told to refuse steps. */
  readonly refused = new Set<string>();
  readonly #executor: ProgramExecutor;

  constructor(executor: ProgramExecutor) {
    this.#executor = executor;
  }

  /** Creates random programs; resolves when they are committed, however often the database fails meanwhile. */
  async create(count: number, random: Random): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.commit(this.draft(random))));
  }

  draft(random: Random): Draft {
    return { runId: crypto.randomUUID(), steps: drawSteps(random) };
  }

  /** Whether a call that failed has created it is unknown; the same id creates it at most once. */
  async commit(draft: Draft): Promise<void> {
    const { runId, steps } = draft;
    const create = () => this.#executor.createProgram(inputOf(draft), { runId });
    await eventually(`${runId} is created`, create, CREATE_DEADLINE_MS);
    this.byRunId.set(runId, steps);
  }

  /** Creates it in somebody's transaction; whether it comes to be is theirs to decide. */
  async createWithin(trx: Knex.Transaction, draft: Draft): Promise<void> {
    await this.#executor.createProgram(inputOf(draft), { runId: draft.runId, trx });
  }

  /** One of them, whatever has become of it. */
  any(random: Random): string {
    return random.pick([...this.byRunId.keys()]);
  }
}

export function inputOf({ steps }: Draft): ProgramInput {
  return { jobs: steps.map((_, step) => jobAt(step)), programData: { steps } };
}
