import { aborted, gate, job } from '../contract/harness.js';

/** A job that stays in its first run until that is aborted, and fails then; later runs end at once. */
export function heldJob() {
  const entered = gate();
  let runs = 0;
  const hold = job('hold', async (_message, _data, { signal }) => {
    runs += 1;
    if (runs > 1) return;
    entered.open();
    await aborted(signal);
    throw new Error('aborted');
  });
  return { hold, entered: entered.opened, runs: () => runs };
}
