import type { BenchOptions } from '../cli/options.js';
import type { Contender } from './contender.js';
import { chooseOurs, type OursChoice } from './ours.js';
import { peer, type PeerName } from './peers.js';

/** Ours as it is meant to run: servers with the broker, the file without. */
const OURS: readonly [OursChoice, ...OursChoice[]] = [
  { db: 'pg', broker: 'rabbitmq' },
  { db: 'mariadb', broker: 'rabbitmq' },
  { db: 'sqlite', broker: 'none' },
];

/** Ours on every database beside the peers, as far as the command line leaves them. */
export function oursAndPeers(options: BenchOptions, leftOut: readonly PeerName[]): Contender[] {
  const peers = options.peers.filter((name) => !leftOut.includes(name));
  return [...chooseOurs(OURS, options), ...peers.map(peer)];
}
