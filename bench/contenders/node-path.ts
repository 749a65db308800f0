import { join } from 'node:path';
import { PEERS_FOLDER } from './peers.js';

/** Some peers need a newer Node.js than the product does: so that all run on one, it is the one they are installed with. */
export const PEERS_NODE = join(PEERS_FOLDER, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
