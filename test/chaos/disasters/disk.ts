import type { SmallDisk } from '../../faults/harness/small-disk.js';
import { startDatabase } from '../../support/servers/index.js';
import type { World } from '../world.js';
import type { Disaster } from './disaster.js';

/** Where a small disk could be mounted. */
export const DISK_DISASTERS: readonly Disaster[] = [
  {
    name: 'the disk is full',
    strike: async (world) => diskOf(world).fill(),
    lastsMs: [100, 3_000],
    undo: async (world) => {
      await diskOf(world).free();
      // A server may have given up.
      if (world.database.server) await startDatabase(world.database.server);
    },
  },
];

function diskOf({ ways }: World): SmallDisk {
  if (!ways.disk) throw new Error('No disk could be mounted');
  return ways.disk;
}
