import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Access, Intervention, InterventionKind } from '../../src/program-handler/control/index.js';
import { lineTables } from '../../src/program-handler/lines/line-tables.js';
import type { Dialect, TableNames } from '../../src/program-handler/dialects/dialect.js';

/** What interventions work with, on tables that are there. */
export function accessTo(knex: Knex, tables: TableNames, dialect: Dialect): Access {
  const payloadLimits = { maxBytes: 1_000_000, maxDepth: dialect.terms.maxJsonDepth };
  const lines = lineTables(tables, dialect.terms);
  const ensureTable = () => Promise.resolve();
  return { knex, tables, dialect, lines, onCreated: () => undefined, payloadLimits, ensureTable };
}

export function callOf(kind: InterventionKind): Intervention {
  return { callId: randomUUID(), kind, by: 'a test', reason: 'by hand', details: {} };
}
