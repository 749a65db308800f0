import type { Knex } from 'knex';
import type { ClaimedProgram } from '../../src/program/program.js';
import { toTransition, type Transition } from '../../src/program/transition.js';
import type { Dialect, NewProgram, TableNames } from '../../src/program-handler/dialects/dialect.js';
import { createDialect, type DialectChoice } from '../../src/program-handler/dialects/create-dialect.js';
import { createControl, type Control } from '../../src/program-handler/control/index.js';
import { letGo } from '../../src/program-handler/let-go.js';
import { Reader } from '../../src/program-handler/reader.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';
import { accessTo, callOf } from '../support/intervening.js';
import { decisionOf, HOUR_MS } from './decisions.js';
import type {
  Answer,
  ClaimOperation,
  Encounter,
  HolderOperation,
  InsertOperation,
  Operation,
  PlainOperation,
  TransitionOperation,
} from './operation.js';
import { GRACE_MS, JOB_DATA, runIdOf, toColumns, toRow } from './real-rows.js';
import { JOBS, type Held } from './state.js';

type RealAnswers = Map<number, Partial<Answer>>;

/**
 * A real table, on which the statements of the code under test are run: the rows of a whole group are set up
 * with ids from 1, one statement is run over all of them, and the rows are read back.
 */
export class RealTable {
  readonly #knex: Knex;
  readonly #table: string;
  readonly #dialect: Dialect;
  readonly #reader: Reader;
  readonly #interventions: Control['interventions'];

  constructor(knex: Knex, tables: TableNames, choice: DialectChoice = 'auto') {
    this.#knex = knex;
    this.#table = tables.programs;
    this.#dialect = createDialect(knex, tables, choice);
    this.#reader = new Reader(knex, tables, this.#dialect.terms);
    this.#interventions = createControl(accessTo(knex, tables, this.#dialect)).interventions;
  }

  /** @param encounters whose operations are of one kind and, if they claim, of one token */
  async perform(encounters: readonly Encounter[]): Promise<Answer[]> {
    await this.#put(encounters);
    const answers = await this.#execute(encounters.map(({ operation }) => operation));
    const rows = new Map((await this.#knex(this.#table)).map((row) => [String(row.run_id), toRow(row)]));
    return encounters.map((_, index) => ({
      isChanged: false,
      claimed: null,
      seen: undefined,
      ...answers.get(index + 1),
      row: rows.get(runIdOf(index + 1)) ?? null,
    }));
  }

  async #put(encounters: readonly Encounter[]): Promise<void> {
    await this.#knex(this.#table).delete();
    const rows = encounters.flatMap(({ row }, index) => (row ? [toColumns(row, index + 1)] : []));
    await this.#knex.batchInsert(this.#table, rows, CHUNK_ROWS);
  }

  async #execute(operations: readonly Operation[]): Promise<RealAnswers> {
    const [first] = operations;
    switch (first?.kind) {
      case undefined:
        return new Map();
      case 'insert':
        return this.#insert(operations as InsertOperation[]);
      case 'claimRung':
      case 'claimDue':
      case 'poll':
        return claimedBy(await this.#claim(first, operations.length));
      case 'transition':
        return changed(await this.#transition(operations as TransitionOperation[]));
      case 'renew':
        return changed(await this.#dialect.renew(claimsOf(operations as HolderOperation[]), HOUR_MS));
      case 'saveJobData':
        return changed(await this.#saveJobData(operations as HolderOperation[]));
      default:
        return this.#eachAlone(operations as (HolderOperation | PlainOperation)[]);
    }
  }

  async #insert(operations: readonly InsertOperation[]): Promise<RealAnswers> {
    await this.#dialect.insert(
      operations.map(({ as }, index) => newProgram(as, index + 1)),
      this.#knex,
    );
    return new Map();
  }

  async #claim({ kind, token }: ClaimOperation, count: number): Promise<ClaimedRow[]> {
    const terms = { claimedBy: String(token), leaseMs: HOUR_MS };
    if (kind === 'claimRung') {
      const runIds = Array.from({ length: count }, (_, index) => runIdOf(index + 1));
      return this.#dialect.claimRung(runIds, terms);
    }
    // As the poller does: it claims only where something is said to be due.
    if (kind === 'poll' && (await this.#dialect.untilDueMs(GRACE_MS)) !== 0) return [];
    return this.#dialect.claimDue({ limit: count, graceMs: GRACE_MS, fromMs: 0 }, terms);
  }

  #transition(operations: readonly TransitionOperation[]): Promise<number[]> {
    const changes = operations.map((operation, index) => transitionOf(operation, index + 1));
    return this.#dialect.transition(changes, this.#knex);
  }

  #saveJobData(operations: readonly HolderOperation[]): Promise<number[]> {
    return this.#dialect.saveJobData(claimsOf(operations).map((claim) => ({ ...claim, jobData: JOB_DATA })));
  }

  async #eachAlone(operations: readonly (HolderOperation | PlainOperation)[]): Promise<RealAnswers> {
    const answers: RealAnswers = new Map();
    for (const [index, operation] of operations.entries())
      answers.set(index + 1, await this.#alone(operation, index + 1));
    return answers;
  }

  async #alone(operation: HolderOperation | PlainOperation, id: number): Promise<Partial<Answer>> {
    switch (operation.kind) {
      case 'letGo':
        await letGo(this.#knex, this.#table, claimOf(id, operation.fence, operation.token));
        return {};
      case 'cancel':
        return { isChanged: await this.#interventions.cancel(runIdOf(id), callOf('cancel')) };
      case 'resume':
        return { isChanged: await this.#interventions.resume(runIdOf(id), callOf('resume')) };
      default:
        return { seen: await this.#reader.state(id) };
    }
  }
}

/** SQLite takes no more values in one statement than these rows have. */
const CHUNK_ROWS = 200;

function newProgram(as: InsertOperation['as'], id: number): NewProgram {
  const payload = { jobs: JSON.stringify(JOBS), programData: '{}', jobData: '{}' };
  const start = {
    dueAt: null,
    delayMs: as === 'delayed' ? HOUR_MS : 0,
    fence: as === 'rung' ? 0 : 1,
  } as const;
  return { runId: runIdOf(id), isEmpty: false, ...payload, ...start };
}

function claimOf(id: number, fence: number, token: number) {
  return { id, fence, claimedBy: String(token) };
}

function claimsOf(operations: readonly HolderOperation[]) {
  return operations.map(({ fence, token }, index) => claimOf(index + 1, fence, token));
}

function transitionOf({ decision, ...held }: TransitionOperation, id: number): Transition {
  const program: ClaimedProgram = {
    ...claimOf(id, held.fence, held.token),
    runId: runIdOf(id),
    jobs: JOBS,
    programData: {},
    jobData: {},
    step: held.step,
    stepRetryCount: held.stepRetryCount,
    lostCount: held.lostCount,
    claimedAtMs: 0,
  };
  return toTransition(program, decisionOf(decision), null);
}

function changed(ids: readonly number[]): RealAnswers {
  return new Map(ids.map((id) => [id, { isChanged: true }]));
}

function claimedBy(rows: readonly ClaimedRow[]): RealAnswers {
  return new Map(rows.map((row) => [row.id, { isChanged: true, claimed: toHeld(row) }]));
}

function toHeld({ step, stepRetryCount, lostCount, fence, claimedBy, jobData }: ClaimedRow): Held {
  const hasData = Object.keys(jobData).length > 0;
  return { step, stepRetryCount, lostCount, fence, token: Number(claimedBy), hasData };
}
