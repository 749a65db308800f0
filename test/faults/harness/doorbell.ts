import { tell } from './account.js';
import { eventually } from '../../support/eventually.js';
import type { Scenario } from './scenario.js';

/** What a fault of the broker may take to be over, from the moment that its cause is. */
const RECOVERY_MS = 30_000;
/** A program that starts sooner was rung for: the poll leaves new ones to their hints for 2 s. */
const SOONER_THAN_THE_POLL_MS = 1_900;

/** A program that is created alone is rung for early, which goes through a queue of its own. */
const EARLY = 1;
const LATER = 2;

/** What is created now ends, although nobody can ring for it. */
export async function pollCarriesOn(scenario: Scenario): Promise<void> {
  const createdAtMs = performance.now();
  await scenario.create(3);
  await scenario.ended();
  tell(`the poll ran what was created meanwhile within ${secondsSince(createdAtMs)}`);
}

/** Resolves when programs are started by their hints, early ones and others; rejects when none was within 30 s. */
export async function rungAgain(scenario: Scenario): Promise<void> {
  const askedAtMs = performance.now();
  for (const count of [EARLY, LATER])
    await eventually('programs were started by their hints', () => isRungFor(scenario, count), RECOVERY_MS);
  tell(`rung for again after ${secondsSince(askedAtMs)}`);
  // Those that were not rung for in time are left to the poll.
  await scenario.ended();
}

async function isRungFor(scenario: Scenario, count: number): Promise<boolean> {
  const runIds = await scenario.create(count);
  const isStarted = async () => runIds.every((runId) => scenario.crew.reports('entered', runId).length > 0);
  return eventually('it is started', isStarted, SOONER_THAN_THE_POLL_MS).catch(() => false);
}

function secondsSince(startMs: number): string {
  return `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
}
