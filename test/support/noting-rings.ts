import { decorated } from '../../src/decorators.js';
import type { HintNote } from '../../src/queue-manager/index.js';
import type { ExecutorConfig } from '../../index.js';
import type { Inbox } from './inbox.js';

export interface Ring {
  readonly runIds: readonly string[];
  readonly note: HintNote | undefined;
}

/** Notes every ring of the executor that gets this configuration, and lets it through. */
export function notingRings(rings: Inbox<Ring>): ExecutorConfig {
  return decorated(
    {},
    {
      queue: (queue) => {
        const ring = queue.ring.bind(queue);
        return Object.assign(queue, {
          ring: (runIds: readonly string[], note?: HintNote) => {
            rings.add({ runIds, note });
            return ring(runIds, note);
          },
        });
      },
    },
  );
}
