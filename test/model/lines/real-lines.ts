import type { Knex } from 'knex';
import { toTransition } from '../../../src/program/transition.js';
import { createDialect } from '../../../src/program-handler/dialects/create-dialect.js';
import type {
  Claim,
  ClaimTerms,
  Dialect,
  GroupTransaction,
  NewProgram,
  TableNames,
} from '../../../src/program-handler/dialects/dialect.js';
import { letGo } from '../../../src/program-handler/let-go.js';
import { cancelLined } from '../../../src/program-handler/lines/cancel-lined.js';
import { claimFromPool } from '../../../src/program-handler/lines/claim-from-pool.js';
import { findEnded } from '../../../src/program-handler/lines/find-ended.js';
import { untilSlotFreeSql } from '../../../src/program-handler/lines/house-keeping.js';
import { isLeaving, leaveLines } from '../../../src/program-handler/lines/leave.js';
import { lineTables, type LineTables } from '../../../src/program-handler/lines/line-tables.js';
import { openPoolsSql, toOpenPools } from '../../../src/program-handler/lines/open-pools.js';
import { reenterLines } from '../../../src/program-handler/lines/reenter.js';
import { resumeLined } from '../../../src/program-handler/lines/resume-lined.js';
import { sweepSlots } from '../../../src/program-handler/lines/sweep.js';
import { waitOf, type ClaimedRow } from '../../../src/program-handler/rows.js';
import { decisionOf, HOUR_MS } from '../decisions.js';
import { runIdOf } from '../real-rows.js';
import { idOf, indexOf, ONE, POOL } from './columns.js';
import type { Mutation } from './mutations/index.js';
import type { Answer, ClaimOperation, Encounter, Operation, RecordOperation } from './operation.js';
import { RealWorld } from './real-world.js';
import type { Held, Program, World } from './state.js';

const LINE = { id: ONE, poolId: ONE, pool: POOL, batchId: ONE, key: '', priority: 0 };

type RealAnswer = Omit<Answer, 'world'>;

/** Real tables, on which the code under test claims, records, sweeps and cancels. */
export class RealLines {
  readonly #knex: Knex;
  readonly #programs: string;
  readonly #dialect: Dialect;
  readonly #tables: LineTables;
  readonly #world: RealWorld;
  readonly #mutation: Mutation | undefined;

  constructor(knex: Knex, tables: TableNames, mutation?: Mutation) {
    this.#knex = knex;
    this.#programs = tables.programs;
    this.#dialect = createDialect(knex, tables, 'auto');
    this.#tables = lineTables(tables, this.#dialect.terms);
    this.#world = new RealWorld(this.#dialect, this.#tables);
    this.#mutation = mutation;
  }

  create(): Promise<void> {
    return this.#world.create();
  }

  async perform(encounters: readonly Encounter[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const { world, operation } of encounters) {
      await this.#world.put(
        this.#meets(world, operation),
        'first' in operation ? operation.first : undefined,
      );
      const answer = await this.#execute(operation);
      answers.push({ ...answer, world: this.#means(await this.#world.get(world), world, operation) });
    }
    return answers;
  }

  /** What a mutation shows instead. */
  #meets(world: World, { kind }: Operation): World {
    const showing = this.#mutation?.shows?.[kind];
    return showing ? { ...world, programs: world.programs.map(showing.meets) } : world;
  }

  #means(became: World, { programs }: World, { kind }: Operation): World {
    const showing = this.#mutation?.shows?.[kind];
    if (!showing) return became;
    const meant = became.programs.map((program, index) => showing.means(program, programs[index] as Program));
    return { ...became, programs: meant };
  }

  async #execute(operation: Operation): Promise<RealAnswer> {
    const { kind } = operation;
    switch (kind) {
      case 'claim':
        return claimed(await this.#claim(operation));
      case 'claimDue':
        return claimed(await this.#dialect.claimDue({ limit: 1, graceMs: 0, fromMs: 0 }, termsOf(operation)));
      case 'record':
        return changed(await this.#record(operation));
      case 'renew':
        return changed((await this.#dialect.renew([claimOf(operation)], HOUR_MS)).length > 0);
      case 'letGo':
        await letGo(this.#knex, this.#programs, claimOf(operation));
        return changed(false);
      default:
        return changed(await this.#write(kind, (trx) => this.#change(trx, operation)));
    }
  }

  /** As a worker does: it claims where it finds a pool that may be asked. */
  async #claim(operation: ClaimOperation): Promise<ClaimedRow[]> {
    const [open] = toOpenPools(await this.#dialect.survey(openPoolsSql(this.#tables)));
    if (!open) return [];
    const search = { ...open, batchId: undefined, limit: 1 };
    return this.#write('claim', (trx) => claimFromPool(trx, this.#tables, search, termsOf(operation)));
  }

  async #record(operation: RecordOperation): Promise<boolean> {
    const change = toTransition(programOf(operation), decisionOf(operation.ending), null);
    if (!isLeaving(change)) throw new Error('A record that leaves nothing');
    const work = async (trx: GroupTransaction) => {
      const { areMet } = await leaveLines(trx, this.#tables, [change]);
      if (operation.isRolledBack) throw new RolledBack();
      return areMet[0] === true;
    };
    return this.#write('record', work).catch((error: unknown) => {
      if (error instanceof RolledBack) return false;
      throw error;
    });
  }

  /** Resolves with whether it changed anything. */
  async #change(trx: GroupTransaction, operation: Operation): Promise<boolean> {
    switch (operation.kind) {
      case 'cancel': {
        const { count } = await cancelLined(trx, this.#tables, [idOf(operation.program)], 'by hand');
        return count > 0;
      }
      case 'resume':
        return (await resumeLined(trx, this.#tables, [idOf(operation.program)])) > 0;
      case 'takeBack':
        await reenterLines(trx, this.#tables, [strayOf(operation)]);
        return true;
      case 'findEnded':
        await findEnded(trx, this.#tables);
        return true;
      default:
        return this.#sweep(trx);
    }
  }

  /** As a worker does: it sweeps where it finds a slot without a lease. */
  async #sweep(trx: GroupTransaction): Promise<boolean> {
    const waitMs = waitOf(await trx.read(untilSlotFreeSql(this.#tables)));
    if (waitMs === undefined || waitMs > 0) return false;
    await sweepSlots(trx, this.#tables);
    return true;
  }

  /** What a mutation does aside stays, whatever becomes of the transaction. */
  async #write<T>(kind: Operation['kind'], work: (trx: GroupTransaction) => Promise<T>): Promise<T> {
    const aside: NewProgram[] = [];
    const alter = this.#mutation?.alters?.[kind];
    try {
      return await this.#dialect.inTransaction((trx) => work(alter ? alter(trx, aside) : trx));
    } finally {
      if (aside.length > 0) await this.#dialect.insert(aside, this.#knex);
    }
  }
}

class RolledBack extends Error {}

function changed(isChanged: boolean): RealAnswer {
  return { isChanged, claimed: null };
}

function claimed([row]: readonly ClaimedRow[]): RealAnswer {
  if (!row) return changed(false);
  const { id, fence, claimedBy } = row;
  return { isChanged: true, claimed: { program: indexOf(id), fence, token: Number(claimedBy) } };
}

function termsOf({ token }: ClaimOperation): ClaimTerms {
  return { claimedBy: String(token), leaseMs: HOUR_MS };
}

export function claimOf({ program, fence, token }: Held): Claim {
  return { id: idOf(program), fence, claimedBy: String(token) };
}

/** The program as the worker holds it that claimed it from the line. */
export function programOf(held: Held) {
  return {
    ...claimOf(held),
    runId: runIdOf(idOf(held.program)),
    jobs: ['a'],
    programData: {},
    jobData: {},
    step: 0,
    stepRetryCount: 0,
    lostCount: 0,
    claimedAtMs: 0,
    line: LINE,
  };
}

function strayOf({ program, token }: Extract<Operation, { kind: 'takeBack' }>): ClaimedRow {
  return { ...programOf({ program, fence: 0, token }), dueAtMs: 0, lineId: ONE };
}
