import { OwnWorker } from './own-worker.js';
import { Scenario } from './scenario.js';

/** For `afterEach`: ends the workers of this process before their tables go. */
export async function closeAll(): Promise<void> {
  await OwnWorker.closeAll();
  await Scenario.closeAll();
}
