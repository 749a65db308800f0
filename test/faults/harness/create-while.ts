import { eventually } from '../../support/eventually.js';
import type { Actions } from './protocol.js';
import type { Scenario } from './scenario.js';

/** Creates one program after the other until `fault` is over. */
export async function createWhile(
  scenario: Scenario,
  fault: Promise<unknown>,
  actions: Actions = {},
): Promise<void> {
  let isOver = false;
  const over = fault.finally(() => (isOver = true));
  over.catch(() => undefined);
  await eventually('the fault is over', async () => {
    await scenario.create(1, actions);
    return isOver;
  });
  await over;
}
