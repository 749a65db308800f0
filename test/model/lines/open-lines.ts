import knexPackage from 'knex';
import { tablesOf } from '../../../migrations/index.js';
import { updateSchema } from '../../../src/program-handler/schema.js';
import { sqliteInMemory } from '../open-table.js';
import type { Remembered } from '../remembered.js';
import { answersOf } from './models.js';
import type { Mutation } from './mutations/index.js';
import type { Answer, Encounter } from './operation.js';
import { RealLines } from './real-lines.js';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** What a database in memory answers, and how to give it up. */
export interface OpenLines {
  readonly answers: Remembered<Encounter, Answer>;
  close(): Promise<void>;
}

export async function openLines(mutation?: Mutation): Promise<OpenLines> {
  const knex = knexPackage(sqliteInMemory());
  const tables = tablesOf('programs');
  await updateSchema(knex, tables, logger);
  const lines = new RealLines(knex, tables, mutation);
  await lines.create();
  return { answers: answersOf(lines), close: () => knex.destroy() };
}
