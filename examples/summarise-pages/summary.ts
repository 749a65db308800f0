import type { Knex } from 'knex';
import type { Summary } from './jobs.js';

/** Prints how many pages there are results of; true when it is each page, once. */
export async function printSummary(knex: Knex, pages: number): Promise<boolean> {
  const results = await knex<{ result: string }>('programs_attempts').whereNotNull('result').pluck('result');
  const summarised = results.map((result) => (JSON.parse(result) as Summary).page);
  const different = new Set(summarised).size;
  console.log(`${different} pages summarised, ${summarised.length - different} of them twice`);
  return different === pages && summarised.length === pages;
}
