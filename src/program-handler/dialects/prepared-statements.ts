import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { Row } from '../rows.js';

/**
 * A plan lives for so long, in milliseconds: a young table outgrows the plan that was made for it. It is not made for
 * what is asked less often, which would find it too old each time.
 */
const PLAN_LIFETIME_MS = 5_000;
/** A statement that takes longer, in milliseconds, is planned anew the next time. */
const SLOW_MS = 50;
/** The server does not know a name, or knows another statement by it: a pooler shares connections out. */
const NOT_OURS = new Set(['26000', '42P05']);
/** The table has changed under a plan; it is in nobody's way, and a new one takes its place in time. */
const OUTDATED = '0A000';

interface Plan {
  readonly name: string;
  readonly text: string;
  readonly madeAtMs: number;
  isSlow: boolean;
}

/** What pg has of the protocol: the statements that it knows to be prepared, and how one is given up. */
interface Protocol {
  readonly parsedStatements: Record<string, unknown>;
  close(statement: { readonly type: 'S'; readonly name: string }): void;
}

/** What is known of a text on one connection. */
interface Known {
  /** When it was run last. */
  runAtMs: number;
  plan: Plan | undefined;
}

/**
 * The statements of one dialect, prepared on each connection where they are run again: planning takes
 * longer than running a small group. PostgreSQL keeps such a plan until it analyses the table, so a plan
 * made for an empty table would read all of a table that has grown since; therefore plans are renewed.
 */
export class PreparedStatements {
  readonly #known = new WeakMap<Client, Map<string, Known>>();
  readonly #nowMs: () => number;
  #isSupported = true;
  #made = 0;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @param text has a `?` for each value */
  async run(connection: Client, text: string, values: readonly unknown[]): Promise<Row[]> {
    if (!this.#isSupported) return unprepared(connection, text, values);
    try {
      return await this.#runPrepared(connection, text, values);
    } catch (error) {
      const code = codeOf(error);
      if (NOT_OURS.has(code)) this.#isSupported = false;
      else if (code !== OUTDATED) throw error;
      // Nothing was run.
      return unprepared(connection, text, values);
    }
  }

  /** The same within a transaction, which a refused plan ends: `arePlansAtFault` tells that it is worth repeating. */
  async runWithin(connection: Client, text: string, values: readonly unknown[]): Promise<Row[]> {
    if (!this.#isSupported) return unprepared(connection, text, values);
    try {
      return await this.#runPrepared(connection, text, values);
    } catch (error) {
      // An outdated plan must not be met again when the transaction is repeated.
      if (isPlanFault(error)) this.#knownOf(connection, text).plan = undefined;
      throw error;
    }
  }

  /** Whether a transaction may succeed without the plans that it had. `error`: what it was refused for first. */
  arePlansAtFault(error: unknown): boolean {
    if (NOT_OURS.has(codeOf(error))) this.#isSupported = false;
    return isPlanFault(error);
  }

  async #runPrepared(connection: Client, text: string, values: readonly unknown[]): Promise<Row[]> {
    const plan = this.#planOf(connection, text);
    if (!plan) return unprepared(connection, text, values);
    const startedAtMs = this.#nowMs();
    const { name } = plan;
    const { rows } = await connection.query<Row>({ name, text: plan.text, values: values as unknown[] });
    plan.isSlow = this.#nowMs() - startedAtMs > SLOW_MS;
    return rows;
  }

  /** At once, so that statements are sent in the order in which they are asked for. undefined: it is not worth one. */
  #planOf(connection: Client, text: string): Plan | undefined {
    const protocol = protocolOf(connection);
    if (!protocol) return undefined;
    const known = this.#knownOf(connection, text);
    const nowMs = this.#nowMs();
    const isRepeated = nowMs - known.runAtMs < PLAN_LIFETIME_MS;
    known.runAtMs = nowMs;
    const { plan } = known;
    if (plan && !plan.isSlow && nowMs - plan.madeAtMs < PLAN_LIFETIME_MS) return plan;
    if (plan) forget(protocol, plan);
    known.plan = isRepeated ? this.#newPlan(text, nowMs) : undefined;
    return known.plan;
  }

  #newPlan(text: string, madeAtMs: number): Plan {
    this.#made += 1;
    return { name: nameOf(text, this.#made), text: withNumbers(text), madeAtMs, isSlow: false };
  }

  #knownOf(connection: Client, text: string): Known {
    const texts = this.#known.get(connection) ?? new Map<string, Known>();
    this.#known.set(connection, texts);
    const known = texts.get(text) ?? { runAtMs: -Infinity, plan: undefined };
    texts.set(text, known);
    return known;
  }
}

/** Whether it was the plan that was refused, so that the same statement may succeed without one. */
function isPlanFault(error: unknown): boolean {
  const code = codeOf(error);
  return NOT_OURS.has(code) || code === OUTDATED;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

/** `?`, as knex has it, to `$1`, `$2`, …, as the server does. */
function withNumbers(text: string): string {
  let count = 0;
  return text.replace(/\?/g, () => `$${(count += 1)}`);
}

/** Where a pooler mixes the names of several clients, one name must never stand for two texts. */
function nameOf(text: string, count: number): string {
  return `pe-${createHash('sha256').update(text).digest('hex').slice(0, 20)}-${count}`;
}

/** Runs a statement that is planned each time. */
async function unprepared(connection: Client, text: string, values: readonly unknown[]): Promise<Row[]> {
  const { rows } = await connection.query<Row>(withNumbers(text), values as unknown[]);
  return rows;
}

/** undefined: the native driver, which would keep every plan there ever was. */
function protocolOf(connection: object): Protocol | undefined {
  return (connection as { readonly connection?: Protocol }).connection;
}

/**
 * Not by SQL: `deallocate` of a name that the server has lost ends the transaction that it is sent in, and a pooler
 * that has names of its own does not find it. This is refused nowhere, and goes with the statement behind it.
 */
function forget(protocol: Protocol, { name }: Plan): void {
  // It failed before the server had it.
  if (!(name in protocol.parsedStatements)) return;
  // pg would keep the names of all plans there ever were.
  Reflect.deleteProperty(protocol.parsedStatements, name);
  protocol.close({ type: 'S', name });
}
