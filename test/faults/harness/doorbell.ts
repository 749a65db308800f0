import { tell } from './account.js';
import { eventually } from '../../support/eventually.js';
import type { Scenario } from './scenario.js';

/** What a fault of the broker may take to be over, from the moment that its cause is. */
const RECOVERY_MS = 30_000;
/** A program that starts sooner was rung for: the poll leaves new ones to their hints for 2 s. */
const SOONER_THAN_THE_POLL_MS = 1_900;

/** What is created now ends, although nobody can ring for it. */
export async function pollCarriesOn(scenario: Scenario): Promise<void> {
  const createdAtMs = performance.now();
  await scenario.create(3);
  await scenario.ended();
  tell(`the poll ran what was created meanwhile within ${secondsSince(createdAtMs)}`);
}

/** Resolves when a program is started by its hint; rejects when none was within 30 s. */
export async function rungAgain(scenario: Scenario): Promise<void> {
  const askedAtMs = performance.now();
  await eventually('a program was started by its hint', () => isRungFor(scenario), RECOVERY_MS);
  tell(`rung for again after ${secondsSince(askedAtMs)}`);
  // Those that were not rung for in time are left to the poll.
  await scenario.ended();
}

async function isRungFor(scenario: Scenario): Promise<boolean> {
  const [runId] = (await scenario.create(1)) as [string];
  const isStarted = async () => scenario.crew.reports('entered', runId).length > 0;
  return eventually('it is started', isStarted, SOONER_THAN_THE_POLL_MS).catch(() => false);
}

function secondsSince(startMs: number): string {
  return `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
}
